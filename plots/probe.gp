# The wait for the home page, asked for on a fixed schedule while each contestant worked:
# against the moment at which it was due, a panel per contestant, on a logarithmic scale.
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array note[n_panels]
set table $unused
plot data index 1 using (note[int($0) + 1] = strcol(3), 0) with table
unset table
array values[n_panels]
col = 4
@fill
array end_s[n_panels]
last_s = 1e-6
do for [i=1:n_panels] {
    end_s[i] = values[i]
    last_s = values[i] > last_s ? values[i] : last_s
}
col = 5
@fill
array idle_s[n_panels]
do for [i=1:n_panels] { idle_s[i] = values[i] }

low = 1e9
top = 1e-9
first_s = 0.0
do for [i=1:n_panels] {
    stats data index 1 + i using 1:($2 > 0 ? $2 : NaN) nooutput
    if (exists('STATS_records') && STATS_records > 0) {
        low = STATS_min_y < low ? STATS_min_y : low
        top = STATS_max_y > top ? STATS_max_y : top
        first_s = STATS_min_x < first_s ? STATS_min_x : first_s
    }
}
if (top < low) { low = 1e-4; top = 1 }

head = about_end + 62; foot = 54; panel_height = narrow ? 150 : 180
@grid_size
name_x = 'when the home page was asked for, since the users came'
name_y = 'how long it took; the shaded time is while users waited'
@open
set multiplot
@panel_texts
set logscale y
set xrange [first_s > -0.15 * last_s ? first_s : -0.15 * last_s:last_s * 1.05]
end = last_s
set yrange [low / 1.5:top * 7]
step = round_step(last_s / 4.0)
set xtics 0, step
unset ytics
decades = ''
do for [k=floor(log10(low)):ceil(log10(top))] { decades = decades . sprintf('%d ', k) }
do for [i=1:n_panels] {
    @panel_place
    set xtics (0) textcolor rgb ink
    do for [k=0:int(last_s / step + 0.01)] { set xtics add (on_axis(k * step) k * step) }
    set ytics nomirror (1e-12) textcolor rgb ink
    do for [k in decades] {
        set ytics add ((column == 0 ? span(10.0 ** int(k)) : '') 10.0 ** int(k))
    }
    if (end_s[i] == end_s[i]) {
        set object 1 rectangle from first 0, graph 0 to first end_s[i], graph 1 behind \
            fillcolor rgb line_grey fillstyle transparent solid 0.35 noborder
    }
    if (idle_s[i] == idle_s[i]) {
        set arrow 1 from graph 0, first idle_s[i] to graph 1, first idle_s[i] nohead \
            dashtype 2 linewidth 1 linecolor rgb faint
    }
    set label 41 note[i] at graph 0.98, graph 0.93 right textcolor rgb faint font tiny
    plot data index 1 + i using 1:($3 == 200 ? $2 : NaN) with points pointtype 7 \
             pointsize 0.35 linecolor rgb hue(place[i]), \
         '' index 1 + i using 1:($3 == 200 ? NaN : $2) with points pointtype 2 \
             pointsize 0.8 linecolor rgb ink
    @texts_gone
    unset arrow; unset object
}
unset multiplot
