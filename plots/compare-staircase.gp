# Runs over each other: latency of each answer against its rank, one panel per cell and
# run. The baseline's repeats are thin grey lines, the other run's are dots.
data = ARG1; picture = ARG2; out = ARG3
load 'style.gp'
array run[n_panels]
array verdict[n_panels]
array ratio[n_panels]
array interval[n_panels]
set table $unused
plot data index 1 using (run[int($0) + 1] = strcol(3), verdict[int($0) + 1] = strcol(4), \
    ratio[int($0) + 1] = strcol(5), interval[int($0) + 1] = strcol(6), 0) with table
unset table

# One scale for all panels, so that cells compare as well.
top = 0.0
n_ranks = 1
do for [i=2:2 * n_panels + 1] {
    stats data index i using 2:3 nooutput
    if (exists('STATS_records') && STATS_records > 0) {
        top = STATS_max_y > top ? STATS_max_y : top
        n_ranks = STATS_max_x > n_ranks ? STATS_max_x : n_ranks
    }
}
top = top > 0 ? top : 1.0
dot = n_ranks > 40 ? 0.3 : 0.6

head = 92; foot = 66; left = 62; right = 16; gap_x = 18; gap_y = 56; panel_height = 190
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
set label 4 'latency, seconds' at screen 14.0 / width, screen 0.5 center rotate by 90 \
    textcolor rgb ink
set label 5 'grey lines: the repeats of A;  dots: those of the run held against it;  as measured, the ratio at one speed of the machine' \
    at screen 0.012, screen 1 - 48.0 / height left textcolor rgb faint font small
set xrange [0.5:n_ranks + 0.5]
set yrange [0:top * 1.15]
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
    set label 10 label[i] at graph 0.0, graph 1.075 left textcolor rgb hue(place[i]) \
        font middling
    set label 11 run[i].': '.verdict[i] at graph 1.0, graph 1.075 right \
        textcolor rgb ink font small
    note = 'no ratio'
    if (ratio[i] ne '-') { note = 'x '.ratio[i] }
    if (interval[i] ne '-') { note = note.'  ('.interval[i].')' }
    set label 12 note at graph 0.98, graph 0.95 right textcolor rgb faint font small
    plot data index 2 * i using 2:3 with linespoints pointtype 7 pointsize dot / 2.5 \
             linewidth 1.2 linecolor rgb faint, \
         data index 2 * i + 1 using 2:3 with points pointtype 7 pointsize dot \
             linecolor rgb hue(place[i])
    unset label 1; unset label 2; unset label 3; unset label 4; unset label 5
}
unset multiplot
