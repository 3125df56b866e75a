/* Running gnuplot without a shell, and SVG as it gets into a page; see picture.h. */
#include "common/document/picture.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/http.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/children/children.h"
#include "common/document/theme.h"

static const uint64_t LIMIT_NS = 60 * NS_PER_S; /* for one picture, which takes one */

/* What the bytes of a whole picture end with, white space apart; NULL: nothing is known.
 */
static const struct ending {
    const char *format, *bytes;
    size_t n_bytes;
} endings[] = {
    {"svg", "</svg>", 6},
    {"png", "IEND\xae\x42\x60\x82", 8},
    {"pdf", "%%EOF", 5},
};

static int take(void *context, const char *bytes, size_t n_bytes) {
    errno = EIO;
    return fwrite(bytes, 1, n_bytes, context) == n_bytes ? 0 : -errno;
}

static bool is_whole(const char *format, const char *bytes, size_t n_bytes) {
    const struct ending *ending = endings;
    while (strcmp(ending->format, format) != 0)
        ending++;
    while (n_bytes > 0 && strchr("\n\r ", bytes[n_bytes - 1]) != NULL &&
           bytes[n_bytes - 1] != '\0')
        n_bytes--;
    return n_bytes >= ending->n_bytes &&
           memcmp(bytes + n_bytes - ending->n_bytes, ending->bytes, ending->n_bytes) == 0;
}

/* The rest of a picture but for the titles of its parts, gnuplot's own words, which a
 * browser would show under the pointer. */
static void put_without_tips(const char *svg, const char *end, FILE *out) {
    static const char opens[] = "<title>", closes[] = "</title>";
    const char *tip, *behind;
    while ((tip = memmem(svg, (size_t)(end - svg), opens, strlen(opens))) != NULL &&
           (behind = memmem(tip, (size_t)(end - tip), closes, strlen(closes))) != NULL) {
        (void)fwrite(svg, 1, (size_t)(tip - svg), out);
        svg = behind + strlen(closes);
    }
    (void)fwrite(svg, 1, (size_t)(end - svg), out);
}

/* gnuplot's SVG with its title, the colours of dark pages beside the light ones, and at
 * another size where one is given: what is in it scales with its frame. */
static void put_svg(const char *svg, size_t n_bytes, const char *title,
                    const struct picture_form *form, FILE *out) {
    static const char size[] = "<svg \n width=\"", frame[] = "\n viewBox";
    static const char from[] = "<title>Gnuplot</title>", to[] = "</desc>";
    const char *tag = strstr(svg, size), *rest = tag != NULL ? strstr(tag, frame) : NULL;
    const char *begin = rest != NULL ? strstr(rest, from) : NULL;
    const char *end = begin != NULL ? strstr(begin, to) : NULL;
    unsigned width, height;
    if (end == NULL ||
        sscanf(tag + strlen(size), "%u\" height=\"%u", &width, &height) != 2) {
        (void)fwrite(svg, 1, n_bytes, out);
        return;
    }
    double zoom = 1;
    char *shown = evhttp_htmlescape(title);
    if (form->width > 0)
        zoom = fmin((double)form->width / width, (double)form->height / height);
    (void)fwrite(svg, 1, (size_t)(tag - svg), out);
    (void)fprintf(out, "<svg width=\"%.0f\" height=\"%.0f\"", zoom * width,
                  zoom * height);
    (void)fwrite(rest, 1, (size_t)(begin - rest), out);
    (void)fputs("<title>", out);
    (void)fputs(shown != NULL ? shown : "", out);
    free(shown);
    (void)fputs("</title>\n", out);
    if (!form->is_dark && !form->is_fixed) {
        (void)fputs("<style>", out);
        theme_put_css(out);
        (void)fputs("</style>\n", out);
    }
    put_without_tips(end + strlen(to), svg + n_bytes, out);
}

/* Why gnuplot, whose complaints these are, made no whole picture: by their last line that
 * names a place in a script, where it gave up; else by the first. What it merely warns of
 * is passed over. */
static void find_reason(char *complaints, int status, char *reason, size_t reason_bytes) {
    char *rest = complaints, *line;
    reason[0] = '\0';
    if (WIFSIGNALED(status))
        (void)snprintf(reason, reason_bytes, "gnuplot was ended by signal %d",
                       WTERMSIG(status));
    while (!WIFSIGNALED(status) && (line = strsep(&rest, "\n")) != NULL) {
        line += strspn(line, " \t^");
        if (line[0] != '\0' && strstr(line, "warning") == NULL &&
            (reason[0] == '\0' || strstr(line, "line ") != NULL))
            (void)snprintf(reason, reason_bytes, "%s", line);
    }
    if (reason[0] == '\0')
        (void)snprintf(reason, reason_bytes, "gnuplot drew no whole picture");
}

/* 0 or -errno. */
static int write_picture(const char *bytes, size_t n_bytes, const char *title,
                         const struct picture_form *form, const char *path) {
    struct whole_file file;
    int error = form->is_own ? files_begin_own(&file, path) : files_begin(&file, path);
    if (error != 0)
        return error;
    if (strcmp(form->format, "svg") == 0)
        put_svg(bytes, n_bytes, title, form, file.stream);
    else
        (void)fwrite(bytes, 1, n_bytes, file.stream);
    return files_commit(&file);
}

/* What it draws is kept until it is whole, so that no failed write is missed. */
int picture_draw(const char *data, const char *script, const char *title,
                 const struct picture_form *form, const char *path, char *why,
                 size_t why_bytes) {
    char scripts[PATH_MAX], file_name[128], colours[THEME_TEXT_BYTES], room[32] = "";
    char *bytes = NULL, reason[512];
    size_t n_bytes = 0;
    int status = 0;
    if (files_find_folder("plots", "style.gp", "JUGGLE_PLOTS", scripts) != 0) {
        (void)snprintf(why, why_bytes,
                       "the plots/ folder is not to be found; set JUGGLE_PLOTS to it");
        return -ENODEV;
    }
    (void)snprintf(file_name, sizeof file_name, "%s.gp", script);
    if (form->width > 0)
        (void)snprintf(room, sizeof room, "%u %u", form->width, form->height);
    const char *words[] = {"gnuplot",
                           "-c",
                           file_name,
                           data,
                           form->format,
                           "/dev/stdout",
                           form->is_narrow ? "narrow" : "wide",
                           theme_colours(form->is_dark, colours),
                           room,
                           NULL};
    FILE *stream = open_memstream(&bytes, &n_bytes);
    if (stream == NULL)
        return -errno;
    struct child_task task = {.words = words,
                              .folder = scripts,
                              .limit_ns = LIMIT_NS,
                              .take = take,
                              .context = stream};
    int error = children_run(&task, &status);
    if (fclose(stream) != 0 && error == 0)
        error = -errno;
    if (error == -ETIMEDOUT) {
        (void)snprintf(why, why_bytes, "plots/%s: gnuplot had not ended after %u s",
                       file_name, (unsigned)(LIMIT_NS / NS_PER_S));
    } else if (error != 0) {
        (void)snprintf(why, why_bytes, "gnuplot: %s", strerror(-error));
    } else if (status != 0 || !is_whole(form->format, bytes, n_bytes)) {
        find_reason(task.complaints, status, reason, sizeof reason);
        (void)snprintf(why, why_bytes, "plots/%s (%s): %s", file_name, form->format,
                       reason);
        error = -EIO;
    } else if ((error = write_picture(bytes, n_bytes, title, form, path)) != 0) {
        (void)snprintf(why, why_bytes, "%s: %s", path, strerror(-error));
        error = -EIO;
    }
    free(bytes);
    return error;
}

int pictures_draw(const char *folder, const struct picture *pictures, size_t n_pictures,
                  const char *later) {
    char results[PATH_MAX], data[PATH_MAX + 160], path[PATH_MAX + 160],
        why[PATH_MAX + 512];
    if (realpath(folder, results) == NULL) {
        error_print("no charts: %s: %s", folder, strerror(errno));
        return -EIO;
    }
    int result = 0;
    for (size_t i = 0; i < 2 * n_pictures; i++) {
        const struct picture *picture = &pictures[i / 2];
        struct picture_form form = {
            .format = "svg", .is_narrow = i % 2 == 1, .is_own = true};
        const char *name = picture->name;
        (void)snprintf(data, sizeof data, "%s/data/%s.tsv", results, name);
        (void)snprintf(path, sizeof path, "%s/charts/%s%s.svg", results, name,
                       form.is_narrow ? "-narrow" : "");
        int error = picture_draw(data, picture->script, picture->title, &form, path, why,
                                 sizeof why);
        if (error == -ENOENT)
            error_print("no charts: gnuplot is missing; install it (Debian: "
                        "gnuplot-nox), then %s",
                        later);
        else if (error == -ENODEV)
            error_print("no charts: %s, then %s", why, later);
        else if (error == -EINTR)
            error_print("interrupted: %s and the charts after it are not drawn; to draw "
                        "them, %s",
                        name, later);
        else if (error != 0) {
            size_t above = strlen(results) + 1; /* where the picture was to go is known */
            bool is_path = strncmp(why, results, above - 1) == 0;
            error_print("no chart '%s': %s; mend it, then %s", name,
                        is_path ? why + above : why, later);
        }
        if (error == -ENOENT || error == -EINTR)
            return error;
        if (error == -ENODEV)
            return -EIO;
        result = error != 0 ? -EIO : result;
        if (error == -ETIMEDOUT) /* the others would take as long, one after the other */
            break;
        i += error != 0 && !form.is_narrow; /* its other shape would fail as well */
    }
    return result;
}

/* Whether one of the names that gnuplot gives to parts of a picture begins here. */
static size_t part_name(const char *text) {
    static const char *const names[] = {"gnuplot_", "gpDot", "gpPt", "textbox",
                                        "greybox"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(text, names[i], strlen(names[i])) == 0)
            return strlen(names[i]);
    return 0;
}

int picture_put_inline(const char *path, const char *class_name, const char *prefix,
                       FILE *out) {
    FILE *in = files_open(path);
    char *line = NULL;
    size_t room = 0;
    bool has_begun = false;
    if (in == NULL)
        return -errno;
    while (getline(&line, &room, in) > 0) {
        const char *text = line;
        if (!has_begun && (text = strstr(line, "<svg")) == NULL)
            continue; /* the declaration of XML */
        if (!has_begun) {
            (void)fprintf(out, "<svg role=\"img\" class=\"%s\"", class_name);
            text += strlen("<svg");
            has_begun = true;
        }
        for (; *text != '\0'; text++) {
            bool may_be_name = text > line && strchr("'\"#", text[-1]) != NULL;
            size_t length = may_be_name ? part_name(text) : 0;
            if (length > 0)
                (void)fputs(prefix, out);
            (void)fputc(*text, out);
        }
    }
    int error = ferror(in) != 0 ? -EIO : 0;
    free(line);
    (void)fclose(in);
    return error;
}
