/* Texts of targets for rows; see export_source.h. */
#include "loadgen/export/export_source.h"

#include <stdlib.h>

char **export_texts_make(const struct urls *urls,
                         char *(*text_of)(const struct target *target)) {
    char **texts = calloc(urls->n_targets + 1, sizeof *texts);
    for (size_t i = 0; texts != NULL && i < urls->n_targets; i++) {
        texts[i] = text_of(&urls->targets[i]);
        if (texts[i] != NULL)
            continue;
        export_texts_free(texts);
        return NULL;
    }
    return texts;
}

void export_texts_free(char **texts) {
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        free(texts[i]);
    free(texts);
}
