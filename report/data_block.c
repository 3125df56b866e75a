/* Blocks and fields of data files; see data_block.h. */
#include "report/data_block.h"

#include <string.h>

void data_block(FILE *out, const char *columns) {
    (void)fprintf(out, "\n\n# %s\n", columns);
}

void data_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        (void)fputc(strchr("\t\n\r#\"", *text) != NULL ? ' ' : *text, out);
}
