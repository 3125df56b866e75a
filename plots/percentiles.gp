# How many users were served within which time: a line per contestant, both axes logarithmic,
# the one across in what lies beyond. Dots are single answers, too few for a percentile.
# Only the lowest and the highest line have their intervals, as bands.
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array values[n_panels]
col = 4
@fill
array last_x[n_panels]
across(percent) = -log10(1 - percent / 100.0)
right_x = across(60)
do for [i=1:n_panels] {
    last_x[i] = across(values[i])
    if (last_x[i] > right_x) { right_x = last_x[i] }
}
col = 5
@fill
array slowest[n_panels]
do for [i=1:n_panels] { slowest[i] = values[i] == values[i] ? values[i] : 0 }

# From the quickest answer to the slowest; a band ends where the picture does.
low = 1e300
top = 1e-300
do for [i=1:n_panels] {
    do for [k=-1:1:2] {
        stats data index 3 * i + k using ($2 > 0 ? $2 : NaN) nooutput
        if (exists('STATS_records') && STATS_records > 0) {
            low = STATS_min < low ? STATS_min : low
            top = STATS_max > top ? STATS_max : top
        }
    }
}
if (top < low) { low = 1e-3; top = 1 }
low = low / 1.25
top = top * 1.25

gap = narrow ? 15 : 18
left = narrow ? 62 : 72; right = names_right
width = narrow ? 390 : 1000
head = about_end + 40; foot = 56 + names_px
height = head + foot + (!names_below && n_panels * gap > 400 ? n_panels * gap : narrow ? 340 : 400)
bottom_y = foot; names_top = bottom_y - 48; top_px = height - head
@open
set multiplot
name_x = narrow ? 'the slowest 1 of so many users' : 'the slowest 1 of so many users waited at least so long'
name_y = 'how long users waited'
@panel_texts
set label 20 at screen 0.5 * (left + width - right) / width, screen (bottom_y - 42.0) / height

# Ticks where the picture has room for their numbers.
set xtics nomirror ('' 0) textcolor rgb ink
set xtics add ('all' 0)
shares = '50 75 90 95 99 99.9 99.99 99.999 99.9999'
names = '2 4 10 20 100 1,000 10,000 100,000 1,000,000'
taken = 0.0
apart = right_x * (narrow ? 0.16 : 0.07)
do for [k=1:words(shares)] {
    at = across(word(shares, k) + 0.0)
    if (at < right_x * 1.02 && at - taken > apart) {
        set xtics add ((narrow ? '' : '1 in ').word(names, k) at)
        taken = at
    }
}
unset ytics
set ytics nomirror (1e-12) textcolor rgb ink
do for [k=0:12] {
    do for [step in '1 2 5'] {
        at = step * 10.0 ** (floor(log10(low)) + k)
        if (at >= low && at <= top && (step == 1 || top / low < 200)) {
            set ytics add (span(at) at)
        }
    }
}
set logscale y
set xrange [0:right_x * 1.02]
set yrange [low:top]
set lmargin at screen 1.0 * left / width
set rmargin at screen 1.0 * (width - right) / width
set bmargin at screen 1.0 * bottom_y / height
set tmargin at screen 1.0 * top_px / height
do for [i=1:n_panels] {
    wanted_y[i] = slowest[i] > 0 ? bottom_y + (top_px - bottom_y) * log(slowest[i] / low) / log(top / low) : bottom_y
}
@spread_names
do for [i=1:n_panels] {
    name = slowest[i] > 0 ? end_name(i) : end_name(i).': no answer'
    set label 50 + i name \
        at screen names_x / width, screen 1.0 * at_y[i] / height left \
        textcolor rgb ink font small point pointtype 7 pointsize 0.7 linecolor rgb hue(place[i]) offset 0.6, -0.3
}
within(y) = y < low ? low : y > top ? top : y
is_extreme(i) = i == order[1] || i == order[n_panels]
plot for [i=1:n_panels] data index 3 * i using (is_extreme(i) ? across($1) : NaN):(within($2)):(within($3)) with filledcurves \
         fillcolor rgb hue(place[i]) fillstyle transparent solid 0.14 noborder, \
     for [i=1:n_panels] '' index 3 * i - 1 using (across($1)):2 with lines \
         linewidth 2 linecolor rgb hue(place[i]), \
     for [i=1:n_panels] '' index 3 * i + 1 using (across($1)):2 with linespoints \
         linewidth 0.7 pointtype 7 pointsize 0.45 linecolor rgb hue(place[i])
unset multiplot
