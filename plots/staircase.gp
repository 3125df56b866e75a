# Latency of each answer against its rank, one panel per cell, and the model's line.
data = ARG1; picture = ARG2; out = ARG3
load 'style.gp'
array values[n_panels]
col = 4
@fill
array off[n_panels]
do for [i=1:n_panels] { off[i] = values[i] }
array model[n_panels]
set table $unused
plot data index 1 using (model[int($0) + 1] = strcol(3), 0) with table
unset table

# One scale for all panels: the largest latency or expectation of any.
top = 1.0
n_ranks = 1
do for [i=1:n_panels] {
    stats data index 2 * i using 2:3 nooutput
    if (exists('STATS_records') && STATS_records > 0) {
        top = STATS_max_y > top ? STATS_max_y : top
        n_ranks = STATS_max_x > n_ranks ? STATS_max_x : n_ranks
    }
    stats data index 2 * i + 1 using 2 nooutput
    if (exists('STATS_records') && STATS_records > 0) { top = STATS_max > top ? STATS_max : top }
}

head = 66; foot = 66; left = 62; right = 16; gap_x = 18; gap_y = 50; panel_height = 200
width = 1100
height = head + foot + n_rows * panel_height + (n_rows - 1) * gap_y
panel_width = (width - left - right - (n_columns - 1) * gap_x) / n_columns
@open
set multiplot
set label 1 about[1] at screen 0.012, screen 1 - 24.0 / height left textcolor rgb ink \
    font large
set label 2 about[2] at screen 0.012, screen 14.0 / height left textcolor rgb faint \
    font small
set label 3 'rank of the answer' at screen 0.5, screen 34.0 / height center \
    textcolor rgb ink
set label 4 'slowdown: latency / what a job takes by itself (T)' at screen 14.0 / width, screen 0.5 center rotate by 90 \
    textcolor rgb ink
set xrange [0.5:n_ranks + 0.5]
set yrange [0:top * 1.2]
do for [i=1:n_panels] {
    row = (i - 1) / n_columns
    column = (i - 1) % n_columns
    x0 = left + column * (panel_width + gap_x)
    y1 = height - head - row * (panel_height + gap_y)
    set lmargin at screen 1.0 * x0 / width
    set rmargin at screen 1.0 * (x0 + panel_width) / width
    set tmargin at screen 1.0 * y1 / height
    set bmargin at screen 1.0 * (y1 - panel_height) / height
    if (column == 0) { set format y '%g' } else { set format y '' }
    set label 10 label[i] at graph 0.02, graph 1.07 left textcolor rgb hue(place[i]) \
        font middling
    note = 'no model of this work'
    if (off[i] == off[i]) { note = sprintf('%s: off by %.1f %%', model[i], off[i]) }
    set label 11 note at graph 0.98, graph 0.95 right textcolor rgb faint font small
    plot data index 2 * i + 1 using ($1 - 0.5):2:(1):(0) with vectors nohead \
             linewidth 1.6 linecolor rgb faint, \
         data index 2 * i using 2:3 with points pointtype 7 pointsize 0.7 \
         linecolor rgb hue(place[i])
    unset label 1; unset label 2; unset label 3; unset label 4
}
unset multiplot
