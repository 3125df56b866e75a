# How long each user waited: a row per contestant, the best first, a dot per user on one axis of
# seconds, and beside it the mean, the CPUs kept busy and the wait for the home page.
# Everything is placed in pixels, from the top left.
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array mean_text[n_panels]
array page_text[n_panels]
array times_text[n_panels]
set table $unused
plot data index 1 using (mean_text[int($0) + 1] = strcol(3), \
                         page_text[int($0) + 1] = strcol(6), \
                         times_text[int($0) + 1] = strcol(7), 0) with table
unset table
array values[n_panels]
col = 4
@fill
array busy[n_panels]
do for [i=1:n_panels] { busy[i] = values[i] }
col = 5
@fill
n_cpus = values[1]
col = 8
@fill
t_alone = values[1]
has_page = 0
do for [i=1:n_panels] { has_page = has_page || page_text[i] ne '' }

# The axis: round steps of seconds, about six of them, or four where it is narrow.
end = 0.0
do for [i=1:n_panels] {
    do for [k=4:5] {
        undefine STATS_*
        stats data index 1 + i using k nooutput
        if (exists('STATS_max') && STATS_max > end) { end = STATS_max }
    }
}
end = end > 0 ? end * 1.02 : 1
step = round_step(end / (narrow ? 4.0 : 7.0))

if (narrow) {
    width = 390; left = 18; right = 372; head = about_end + 44; row = 68
} else {
    width = 1000; left = name_px + 35 > 250 ? name_px + 35 : 250; right = n_cpus > 0 ? 660 : 890; head = about_end + 50; row = 44
}
foot = 66
height = head + n_panels * row + foot
px(s) = left + (right - left) * s / end
y_of(i) = head + (i - 0.5) * row + (narrow ? 14 : 0)
bottom = head + n_panels * row
@open
@in_pixels

@title

# The axis, and as a dashed line what a job takes alone. Where names stand between the rows,
# lines are drawn in the rows alone.
n_lines = narrow ? n_panels : 1
line_top(i) = narrow ? y_of(i) - 12 : head - 4
line_end(i) = narrow ? y_of(i) + 12 : bottom + 4
do for [k=0:int(end / step)] {
    x = px(k * step)
    do for [i=1:n_lines] {
        set arrow from x, line_top(i) to x, line_end(i) nohead back linecolor rgb line_grey linewidth 1
    }
    # half of the widest label is to fit beside the last line
    if (x + 23 < width) {
        set label on_axis(k * step) at x, bottom + 18 center textcolor rgb faint font small
    }
}
if (!(t_alone > 0 && t_alone < end)) { n_lines = 0 }
set label 'how long a user waited' . (n_lines > 0 ? '; dashed: a job alone' : '') at (left + right) / 2, bottom + 40 center textcolor rgb faint font small

# As tables say it.
two_digits(x) = sprintf(x < 0.995 ? '%.2f' : x < 9.95 ? '%.1f' : '%.0f', x)

# Rows: name and mean, CPUs kept busy as a bar, the home page.
do for [i=1:n_panels] {
    y = y_of(i)
    set arrow from left, y to right, y nohead back linecolor rgb line_grey linewidth 0.6
    if (narrow) {
        set label full(i, 36) at left, y - 38 left textcolor rgb ink font naming
        set label (times_text[i] eq '' ? 'mean ' : times_text[i] . ', ') . mean_text[i] \
            at right, y - 38 right textcolor rgb ink font small
        note = n_cpus > 0 && busy[i] == busy[i] ? sprintf('%s of %g CPUs busy', two_digits(busy[i]), n_cpus) : ''
        note = note . (page_text[i] eq '' ? '' : sprintf('%shome page %s', note eq '' ? '' : ', ', page_text[i]))
        set label note at left, y - 20 left textcolor rgb faint font small
    } else {
        set label said[i] at left - 15, y - (means[i] eq '' ? 0 : 8) right textcolor rgb ink font naming
        set label means[i] at left - 15, y + 9 right textcolor rgb faint font small
        set label mean_text[i] at right + 68, y + (times_text[i] eq '' ? 0 : 9) right \
            textcolor rgb (times_text[i] eq '' ? ink : faint) font small
        set label times_text[i] at right + 68, y - 8 right textcolor rgb ink font naming
        if (n_cpus > 0) {
            set object rectangle from 755, y - 6 to 845, y + 6 back \
                fillcolor rgb line_grey fillstyle solid noborder
            if (busy[i] == busy[i]) {
                set object rectangle from 755, y - 6 to 755 + 90 * (busy[i] < n_cpus ? busy[i] : n_cpus) / n_cpus, y + 6 \
                    front fillcolor rgb hue(place[i]) fillstyle solid noborder
                set label two_digits(busy[i]) at 853, y left textcolor rgb ink font small
            }
        }
        set label page_text[i] at 980, y right textcolor rgb ink font small
    }
}
has_times = 0
do for [i=1:n_panels] { has_times = has_times || times_text[i] ne '' }
if (has_times) {
    set label (narrow ? 'slowdown, mean wait' : 'slowdown') at (narrow ? right : right + 68), \
        (narrow ? head - 16 : head - 32) right textcolor rgb faint font small
}
if (!narrow) { set label 'mean wait' at right + 68, head - 16 right textcolor rgb faint font small }
if (!narrow && n_cpus > 0) {
    set label sprintf('CPUs busy, of %g', n_cpus) at 755, head - 16 left textcolor rgb faint font small
}
if (!narrow && has_page) {
    set label 'home page' at 980, head - 32 right textcolor rgb faint font small
    set label 'meanwhile' at 980, head - 16 right textcolor rgb faint font small
}

set samples 2
plot for [i=1:n_lines] '+' using (px(t_alone)):($0 == 0 ? line_top(i) : line_end(i)) with lines \
         dashtype 2 linewidth 1 linecolor rgb faint, \
     for [i=1:n_panels] data index 1 + i \
         using (px($5)):(y_of(i) - 9):(0):(18) with vectors nohead linewidth 1.2 linecolor rgb faint, \
     for [i=1:n_panels] data index 1 + i \
         using (px($3)):(y_of(i)):(px($4) - px($3)):(0) with vectors nohead linewidth 1 linecolor rgb hue(place[i]), \
     for [i=1:n_panels] data index 1 + i using (px($2)):(y_of(i)) with points \
         pointtype 7 pointsize (narrow ? 0.75 : 0.95) linecolor rgb hue(place[i])
