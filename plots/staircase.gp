# Each answer's slowdown against its rank, a panel per contestant on one scale; a thin line
# is what theory expects, named in the panel.
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array model[n_panels]
set table $unused
plot data index 1 using (model[int($0) + 1] = strcol(3), 0) with table
unset table

# One scale for all panels: the largest slowdown or expectation of any.
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

head = about_end + 62; foot = 54; panel_height = narrow ? 150 : 190
@grid_size
name_x = 'users in the order in which they were answered'
name_y = 'how many times as long as the job alone a user waited'
@open
set multiplot
@panel_texts
set xrange [0.4:n_ranks + 0.6]
set yrange [0:top * 1.25]
step = round_step(top / 5.0)
set ytics 0, step, top # no line crosses the note above
set format y '%g×'
if (n_ranks > 12) { set xtics 0, round_step(n_ranks / 5.0) } else { set xtics 1, (n_ranks > 4 ? 3 : 1) }
do for [i=1:n_panels] {
    @panel_place
    if (column == 0) { set format y '%g×' } else { set format y '' }
    set label 41 model[i] at graph 0.02, graph 0.93 left textcolor rgb faint font tiny
    plot data index 2 * i + 1 using ($1 - 0.5):2:(1):(0) with vectors nohead \
             linewidth 1.6 linecolor rgb faint, \
         data index 2 * i using 2:3 with points pointtype 7 pointsize 0.6 \
             linecolor rgb hue(place[i])
    @texts_gone
}
unset multiplot
