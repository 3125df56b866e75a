# `/` asked for on a fixed schedule while each cell ran: latency against the moment it was
# due, one panel per cell, log scale.
data = ARG1; picture = ARG2; out = ARG3
load 'style.gp'
array values[n_panels]
col = 3
@fill
array end_t[n_panels]
last_t = 1.0
do for [i=1:n_panels] {
    end_t[i] = values[i]
    last_t = values[i] > last_t ? values[i] : last_t
}
col = 4
@fill
array p50[n_panels]
do for [i=1:n_panels] { p50[i] = values[i] }
col = 5
@fill
array most[n_panels]
do for [i=1:n_panels] { most[i] = values[i] }
col = 6
@fill
array idle[n_panels]
do for [i=1:n_panels] { idle[i] = values[i] }

low = 1e9
top = 1e-9
first_t = 0.0
do for [i=1:n_panels] {
    stats data index 1 + i using 1:($2 > 0 ? $2 : NaN) nooutput
    if (exists('STATS_records') && STATS_records > 0) {
        low = STATS_min_y < low ? STATS_min_y : low
        top = STATS_max_y > top ? STATS_max_y : top
        first_t = STATS_min_x < first_t ? STATS_min_x : first_t
    }
}
if (top < low) { low = 0.1; top = 1000 }

head = 66; foot = 66; left = 62; right = 16; gap_x = 18; gap_y = 50; panel_height = 190
width = 1100
height = head + foot + n_rows * panel_height + (n_rows - 1) * gap_y
panel_width = (width - left - right - (n_columns - 1) * gap_x) / n_columns
@open
set multiplot
set label 1 about[1] at screen 0.012, screen 1 - 24.0 / height left textcolor rgb ink \
    font large
set label 2 about[2] at screen 0.012, screen 14.0 / height left textcolor rgb faint \
    font small
set label 3 'moment / was due, in units of what a job takes by itself (T), from the users'' start' at screen 0.5, \
    screen 34.0 / height center textcolor rgb ink
set label 4 'latency of / in ms' at screen 14.0 / width, screen 0.5 center rotate by 90 \
    textcolor rgb ink
set logscale y
set xrange [first_t > -0.15 * last_t ? first_t : -0.15 * last_t:last_t * 1.05]
set yrange [10 ** floor(log10(low)):10 ** ceil(log10(top) + 0.4)]
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
    if (end_t[i] == end_t[i]) {
        set object 1 rectangle from first 0, graph 0 to first end_t[i], graph 1 behind \
            fillcolor rgb 0xF0F0EA fillstyle solid noborder
    }
    set label 10 label[i] at graph 0.0, graph 1.07 left textcolor rgb hue(place[i]) \
        font middling
    note = most[i] == most[i] ? 'max '.short(most[i]).' ms, too few for a p50' : 'no probe'
    if (p50[i] == p50[i]) {
        note = 'p50 '.short(p50[i]).' ms, max '.short(most[i]).' ms'
    }
    if (idle[i] == idle[i]) {
        set arrow 1 from graph 0, first idle[i] to graph 1, first idle[i] nohead \
            dashtype 2 linewidth 1 linecolor rgb faint
    }
    set label 11 note at graph 0.98, graph 0.94 right textcolor rgb faint font small
    plot data index 1 + i using 1:($3 == 200 ? $2 : NaN) with points pointtype 7 \
             pointsize 0.35 linecolor rgb hue(place[i]), \
         '' index 1 + i using 1:($3 == 200 ? NaN : $2) with points pointtype 2 \
             pointsize 0.8 linecolor rgb ink
    unset label 1; unset label 2; unset label 3; unset label 4
    unset arrow; unset object
}
unset multiplot
