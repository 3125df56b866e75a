/* Where a run takes place, and which of its cells are a grid; see plan.h. */
#include "director/plan/plan.h"

#include <stdio.h>

#include "common/base/error.h"

struct far_hosts plan_hosts(struct plan *plan) {
    return (struct far_hosts){plan->server_host.host != NULL ? &plan->server_host : NULL,
                              plan->from.host != NULL ? &plan->from : NULL};
}

void plan_connect(struct plan *plan) {
    struct far_hosts hosts = plan_hosts(plan);
    char why[WHY_BYTES];
    for (unsigned i = 1; i <= plan->contestants.n; i++)
        if ((hosts.server != NULL || hosts.from != NULL) &&
            external_has_name(plan->contestants.all[i].command, "socket"))
            error_exit("run: contestant '%s': a unix socket is not reached from another "
                       "host; write {port} in its command",
                       plan->contestants.all[i].name);
    if (hosts.server != NULL && remote_open(hosts.server, why) != 0)
        error_exit("run: --server-host: %s", why);
    if (hosts.from != NULL && remote_open(hosts.from, why) != 0)
        error_exit("run: --from: %s", why);
    if (hosts.from != NULL && plan->server_host.address != NULL)
        (void)snprintf(plan->from.here, sizeof plan->from.here, "%s",
                       plan->server_host.address);
}

void plan_grid(const struct plan *plan, const struct planned_experiment *planned,
               unsigned cell, struct grid *grid) {
    const struct cell_parameters *cells[PLAN_MAX_CELLS];
    size_t n = 0;
    for (unsigned i = 0; i < planned->n_cells; i++)
        if (plan->cells[planned->first_cell + i].twin_of == NULL) /* it is the last */
            cells[n++] = &plan->cells[planned->first_cell + i].parameters;
    grid->n_axes = grid->n_points = 0;
    if (cell - planned->first_cell < n)
        grid_make(cells, n, cell - planned->first_cell, grid);
}

bool plan_is_coarse(const struct plan *plan, const struct planned_experiment *planned,
                    unsigned cell) {
    struct grid grid;
    plan_grid(plan, planned, cell, &grid);
    const struct grid_point *point = grid_of_cell(&grid, cell - planned->first_cell);
    return point == NULL || grid_is_coarse(&grid, point);
}
