/* Planned cells as JSON; see cell_plan.h. */
#include "measured/cell_plan.h"

#include <errno.h>
#include <stdio.h>

#include "common/base/fields.h"

#define ROW(key, type, member, may_lack)                                                 \
    { key, &field_##type, offsetof(struct cell_plan, member), may_lack }

static const struct field fields[] = {
    ROW("name", text, parameters.name, false),
    ROW("experiment", text, parameters.experiment, true),
    ROW("place", unsigned, place, true),
    ROW("label", text, parameters.label, true),
    ROW("work_asked", text, asked, true),
    ROW("twin_of", text, twin_of, true),
    ROW("skipped", text, skipped, true),
    {0},
};

static const struct field published_fields[] = {
    ROW("mean_t", number, published.mean, false),
    ROW("first_t", number, published.first, false),
    ROW("last_t", number, published.last, false),
    {0},
};

json_t *cell_plan_pack(const struct cell_plan *plan) {
    json_t *object = fields_pack(fields, plan);
    (void)json_object_set_new(
        object, "published",
        plan->published.mean > 0 ? fields_pack(published_fields, plan) : json_null());
    (void)json_object_set_new(object, "parameters", parameters_pack(&plan->parameters));
    return object;
}

int cell_plan_read(const json_t *object, size_t index, struct cell_plan *plan,
                   char why[WHY_BYTES]) {
    char where[48];
    const json_t *parameters = json_object_get(object, "parameters");
    const json_t *published = json_object_get(object, "published");
    *plan = (struct cell_plan){.parameters = parameters_initial()};
    if (parameters != NULL && parameters_read(parameters, &plan->parameters, why) != 0)
        return -EINVAL;
    (void)snprintf(where, sizeof where, "cells[%zu].", index);
    if (fields_read(object, fields, plan, where, why) != 0)
        return -EINVAL;
    if (plan->place == 0)
        plan->place = (unsigned)index + 1;
    const char **texts[] = {&plan->parameters.experiment, &plan->parameters.label,
                            &plan->asked};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = *texts[i] != NULL ? *texts[i] : "";
    (void)snprintf(where, sizeof where, "cells[%zu].published.", index);
    if (json_is_object(published) &&
        fields_read(published, published_fields, plan, where, why) != 0) {
        plan->published = (struct published){0};
        return 1;
    }
    return 0;
}
