/* The colours; see theme.h. Each text and mark has enough contrast on its paper: 4.5
 * and 3. */
#include "common/document/theme.h"

#include "common/base/text.h"

enum { N_BASIC = 4 };

/* On light and on dark paper: text, faint text, grid, paper; then the families' hues. */
static const struct colour {
    const char *light, *dark;
} colours[N_BASIC + THEME_FAMILIES * THEME_TONES] = {
    {"1d2429", "e8edf0"},
    {"5b6670", "a3b0b8"},
    {"d9dee2", "3a444c"},
    {"ffffff", "14181b"},
    /* in the loop: brown and amber */
    {"b4531a", "e88b4f"},
    {"c98a00", "f0b429"},
    {"7a3410", "c46a35"},
    {"a08658", "d8c290"},
    /* threads: blue */
    {"1f6fb2", "5ca9e6"},
    {"4f9bd9", "9ccdf5"},
    {"0f4c81", "3b82c4"},
    {"7390ab", "c3e0fa"},
    /* processes: green */
    {"1e7a48", "49b07a"},
    {"3fa871", "8ad6ac"},
    {"0e5230", "2f8f5b"},
    {"6f9a83", "b6e8cb"},
    /* under a GIL: violet */
    {"9a3f86", "d07bbe"},
    {"b86aab", "e5aeda"},
    {"6c2560", "a9559a"},
    {"9b84b0", "d5c3e6"},
};

enum { N_COLOURS = sizeof colours / sizeof *colours };

char *theme_colours(bool is_dark, char text[THEME_TEXT_BYTES]) {
    text[0] = '\0';
    for (size_t i = 0; i < N_COLOURS; i++)
        text_append(text, THEME_TEXT_BYTES, "%s#%s", i > 0 ? " " : "",
                    is_dark ? colours[i].dark : colours[i].light);
    return text;
}

const char *theme_hue(unsigned hue) {
    return colours[N_BASIC + hue - 1].light;
}

/* gnuplot writes a colour in any of three ways: #RRGGBB, and rgb() with numbers of three
 * places or as they come. */
static void put_rule(FILE *out, const char *attribute, const struct colour *colour) {
    unsigned red, green, blue;
    (void)sscanf(colour->light, "%2x%2x%2x", &red, &green, &blue);
    (void)fprintf(out,
                  "[%s=\"#%s\" i],[%s=\"rgb(%u,%u,%u)\"],[%s=\"rgb(%3u, %3u, %3u)\"]"
                  "{%s:#%s}",
                  attribute, colour->light, attribute, red, green, blue, attribute, red,
                  green, blue, attribute, colour->dark);
}

void theme_put_css(FILE *out) {
    (void)fputs("@media screen and (prefers-color-scheme:dark){", out);
    for (size_t i = 0; i < N_COLOURS; i++) {
        put_rule(out, "fill", &colours[i]);
        put_rule(out, "stroke", &colours[i]);
        put_rule(out, "color", &colours[i]);
    }
    (void)fputs("}", out);
}
