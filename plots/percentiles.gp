# Latency against percentile, one line per cell, both axes logarithmic: the one across in
# what lies beyond. Bands are intervals; dots are single answers, too few for a percentile.
data = ARG1; picture = ARG2; out = ARG3
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

# From the quickest answer to the slowest; a band may leave the picture.
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
if (top < low) { low = 1; top = 1000 }
low = low / 1.25
top = top * 1.25

gap = 18
head = 66; foot = 92; left = 72; right = 250; width = 1100
height = head + foot + (n_panels * gap > 420 ? n_panels * gap : 420)
bottom_y = foot; top_y = height - head
@open
set multiplot
set label 1 about[1] at screen 0.012, screen 1 - 24.0 / height left textcolor rgb ink \
    font large
set label 2 about[2] at screen 0.012, screen 14.0 / height left textcolor rgb faint \
    font small
set label 3 'percentile: so many of the answers were at least as quick' \
    at screen 0.5 * (left + width - right) / width, screen 44.0 / height center \
    textcolor rgb ink
set label 4 'latency in ms' at screen 16.0 / width, \
    screen 0.5 * (bottom_y + top_y) / height center rotate by 90 textcolor rgb ink
set label 5 'band: 95 % interval; dots: the slowest answers, one by one' \
    at screen 1.0 * left / width, screen (top_y + 14.0) / height left \
    textcolor rgb faint font small

# Ticks where the picture has room for their numbers.
set xtics nomirror ('0 %%' 0)
percents = '50 75 90 95 99 99.9 99.99 99.999 99.9999 99.99999'
do for [k=1:words(percents)] {
    percent = word(percents, k) + 0.0
    wide = right_x > 2.2 && (k == 2 || k == 4)
    if (!wide && across(percent) < right_x * 1.02) {
        set xtics add (word(percents, k).' %%' across(percent))
    }
}
unset ytics
decade = floor(log10(low))
set ytics nomirror (1e-9) textcolor rgb ink
do for [k=0:12] {
    do for [step in '1 2 5'] {
        at = step * 10.0 ** (decade + k)
        if (at >= low && at <= top && (step == 1 || top / low < 2000)) {
            set ytics add (sprintf('%g', at) at)
        }
    }
}
set logscale y
set xrange [0:right_x * 1.02]
set yrange [low:top]
set lmargin at screen 1.0 * left / width
set rmargin at screen 1.0 * (width - right) / width
set bmargin at screen 1.0 * bottom_y / height
set tmargin at screen 1.0 * top_y / height

# Labels beside the ends of lines, the slowest on top, moved apart where they would touch.
# A cell without an answer is the lowest.
array order[n_panels]
array at_y[n_panels]
do for [i=1:n_panels] {
    order[i] = i
    k = i
    while (k > 1 && slowest[order[k]] > slowest[order[k > 1 ? k - 1 : 1]]) {
        swap = order[k]; order[k] = order[k - 1]; order[k - 1] = swap
        k = k - 1
    }
}
pixel(ms) = bottom_y + (top_y - bottom_y) * log(ms / low) / log(top / low)
before = top_y + gap
do for [k=1:n_panels] {
    i = order[k]
    wanted = slowest[i] > 0 ? pixel(slowest[i]) : bottom_y
    at_y[i] = wanted < before - gap ? wanted : before - gap
    before = at_y[i]
}
below = bottom_y - gap
do for [k=n_panels:1:-1] {
    i = order[k]
    at_y[i] = at_y[i] > below + gap ? at_y[i] : below + gap
    below = at_y[i]
}
label_x = width - right + 34.0
do for [i=1:n_panels] {
    name = slowest[i] > 0 ? label[i] : label[i].': no answer'
    set label 10 + i name at screen label_x / width, screen 1.0 * at_y[i] / height left \
        textcolor rgb hue(place[i])
    if (slowest[i] > 0) {
        set arrow 10 + i from first last_x[i], first slowest[i] \
            to screen (label_x - 5.0) / width, screen 1.0 * at_y[i] / height nohead \
            linewidth 0.6 linecolor rgb hue(place[i])
    }
}
dash(i) = 1 + int((place[i] - 1) / words(hues))
plot for [i=1:n_panels] data index 3 * i using (across($1)):2:3 with filledcurves \
         fillcolor rgb hue(place[i]) fillstyle transparent solid 0.10 noborder, \
     for [i=1:n_panels] '' index 3 * i - 1 using (across($1)):2 with lines \
         linewidth 2 dashtype dash(i) linecolor rgb hue(place[i]), \
     for [i=1:n_panels] '' index 3 * i + 1 using (across($1)):2 with linespoints \
         linewidth 0.7 dashtype 3 pointtype 7 pointsize 0.45 linecolor rgb hue(place[i])
unset multiplot
