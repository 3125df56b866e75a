# Runs over each other: latency against percentile, one panel per run, two lines per cell:
# dashed the baseline, solid the run that is held against it.
data = ARG1; picture = ARG2; out = ARG3
load 'style.gp'
array values[n_panels]
col = 3
@fill

# Block 2: one row per panel and cell, in the order of the blocks behind it.
stats data index 2 using 1 nooutput
n_cells = int(STATS_records)
array panel[n_cells]
array cell_place[n_cells]
array cell_label[n_cells]
set table $unused
plot data index 2 using (panel[int($0) + 1] = $1, cell_place[int($0) + 1] = $2, \
    cell_label[int($0) + 1] = strcol(3), 0) with table
unset table

nines(percentile) = -log10(1 - percentile / 100.0)
low = 1e30
top = 0.0
farthest = 1.0
array last_x[n_cells]
array last_y[n_cells]
do for [k=1:n_cells] { last_x[k] = NaN; last_y[k] = NaN }
do for [i=1:2 * n_cells] {
    stats data index 2 + i using (nines($1)):2 nooutput
    if (exists('STATS_records') && STATS_records > 0) {
        low = STATS_min_y < low ? STATS_min_y : low
        top = STATS_max_y > top ? STATS_max_y : top
        farthest = STATS_max_x > farthest ? STATS_max_x : farthest
        # The end of the solid line, else of the dashed one: there the cell is named.
        last_x[(i + 1) / 2] = STATS_max_x
        last_y[(i + 1) / 2] = STATS_max_y
    }
}
if (top <= 0) { low = 0.1; top = 1 }
low = low > 0 ? low : top / 1000

head = 92; foot = 66; left = 72; right = 206; gap_y = 50; panel_height = 400
width = 1100
height = head + foot + n_panels * panel_height + (n_panels - 1) * gap_y
@open
set multiplot
set label 1 about[1] at screen 0.012, screen 1 - 24.0 / height left textcolor rgb ink \
    font large
set label 2 about[2] at screen 0.012, screen 14.0 / height left textcolor rgb faint \
    font small
set label 3 'percent of requests that took no longer' at screen 0.5, \
    screen 34.0 / height center textcolor rgb ink
set label 4 'latency, seconds' at screen 16.0 / width, screen 0.5 center rotate by 90 \
    textcolor rgb ink
set label 5 'dashed: A;  solid: the run held against it' at screen 0.012, \
    screen 1 - 48.0 / height left textcolor rgb faint font small
set logscale y
set xrange [0:farthest * 1.02]
set yrange [low / 1.15:top * 1.15]
set xtics ('0' 0, '50' nines(50), '75' nines(75), '90' 1, '95' nines(95), '99' 2, \
    '99.5' nines(99.5), '99.9' 3, '99.99' 4, '99.999' 5)
set ytics add (0.2, 0.3, 0.5, 0.7, 2, 3, 5)
apart = 18.0 / panel_height # of two labels, as a share of the panel
y_of(y) = (log10(y) - log10(low / 1.15)) / (log10(top * 1.15) - log10(low / 1.15))
do for [p=1:n_panels] {
    y1 = height - head - (p - 1) * (panel_height + gap_y)
    set lmargin at screen 1.0 * left / width
    set rmargin at screen 1.0 * (width - right) / width
    set tmargin at screen 1.0 * y1 / height
    set bmargin at screen 1.0 * (y1 - panel_height) / height
    set label 6 label[p] at graph 0.0, graph 1.04 left textcolor rgb ink font middling

    # Labels at the ends of the lines, in their order: those that would touch push
    # each other apart, and a thin line leads from each to the end that it names.
    array order[n_cells]
    n_labels = 0
    do for [k=1:n_cells] {
        if (panel[k] == p && last_y[k] == last_y[k]) {
            n_labels = n_labels + 1
            order[n_labels] = k
            do for [m=n_labels:2:-1] {
                if (last_y[order[m]] < last_y[order[m - 1]]) {
                    swap = order[m]; order[m] = order[m - 1]; order[m - 1] = swap
                }
            }
        }
    }
    array at_y[n_cells]
    do for [m=1:n_labels] { at_y[m] = y_of(last_y[order[m]]) }
    do for [turn=1:100] {
        do for [m=2:n_labels] {
            lack = apart - (at_y[m] - at_y[m - 1])
            if (lack > 0) {
                at_y[m] = at_y[m] + lack / 2
                at_y[m - 1] = at_y[m - 1] - lack / 2
            }
        }
        do for [m=1:n_labels] { at_y[m] = at_y[m] > 1.02 ? 1.02 : at_y[m] }
    }
    do for [m=1:n_labels] {
        set arrow m from first last_x[order[m]], first last_y[order[m]] \
            to graph 1.025, graph at_y[m] nohead linewidth 0.6 linecolor rgb faint
        set label 20 + m cell_label[order[m]] at graph 1.03, graph at_y[m] left \
            textcolor rgb hue(cell_place[order[m]]) font small
    }
    first = 0
    do for [k=1:n_cells] { if (panel[k] == p && first == 0) { first = k } }
    last = first + values[p] - 1
    plot for [k=first:last] data index 1 + 2 * k using (nines($1)):2 with lines \
             dashtype 2 linewidth 1.4 linecolor rgb hue(cell_place[k]), \
         for [k=first:last] data index 2 + 2 * k using (nines($1)):2 with lines \
             linewidth 1.8 linecolor rgb hue(cell_place[k])
    unset label; unset arrow
}
unset multiplot
