# One run against another: a row per cell, its ratio with the interval, 1 as a line. Left of
# it is faster, right of it slower; the axis is logarithmic.
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array note[n_panels]
array figure[n_panels]
set table $unused
plot data index 1 using (note[int($0) + 1] = strcol(3), figure[int($0) + 1] = strcol(4), 0) with table
unset table
array values[n_panels]
col = 5
@fill
array ratio[n_panels]
do for [i=1:n_panels] { ratio[i] = values[i] }
col = 6
@fill
array low[n_panels]
do for [i=1:n_panels] { low[i] = values[i] == values[i] ? values[i] : ratio[i] }
col = 7
@fill
array high[n_panels]
do for [i=1:n_panels] { high[i] = values[i] == values[i] ? values[i] : ratio[i] }

# As far to both sides, at least 10 %, at most a factor of 20; what is beyond ends at the edge.
reach = log(1.1)
do for [i=1:n_panels] {
    if (ratio[i] == ratio[i]) {
        reach = abs(log(low[i])) > reach ? abs(log(low[i])) : reach
        reach = abs(log(high[i])) > reach ? abs(log(high[i])) : reach
    }
}
reach = reach > log(20) ? log(20) : 1.08 * reach

if (narrow) { width = 390; left = 26; right = 364; row = 46; drop = 12 } \
else {
    # names, then figures, each as wide as its longest
    longest_name = longest_said
    longest_figure = 0
    do for [i=1:n_panels] {
        longest_name = strlen(means[i]) > longest_name ? strlen(means[i]) : longest_name
        longest_figure = strlen(figure[i]) > longest_figure ? strlen(figure[i]) : longest_figure
    }
    width = 1000; left = 50 + 7 * (longest_name + longest_figure); right = 740; row = 26; drop = 0
    left = left > 500 ? 500 : left > 330 ? left : 330
}
head = about_end + 40; foot = 44
height = head + n_panels * row + foot
bottom = head + n_panels * row
clip(v) = v < -reach ? -reach : v > reach ? reach : v
px(r) = left + (right - left) * (clip(log(r)) + reach) / (2 * reach)
y_of(i) = head + (i - 0.5) * row + drop
@open
@in_pixels
@title
ticks = reach > log(4) ? '0.05 0.1 0.2 0.5 1 2 5 10 20' : reach > log(1.5) ? '0.25 0.5 0.7 1 1.4 2 4' : \
    reach > log(1.15) ? '0.7 0.8 0.9 1 1.1 1.25 1.4' : '0.9 0.95 1 1.05 1.1'
do for [t in ticks] {
    if (abs(log(t + 0.0)) <= reach) {
        x = px(t + 0.0)
        do for [i=1:(narrow ? n_panels : 1)] { # beside the names, not through them
            set arrow from x, (narrow ? y_of(i) - 8 : head - 4) to x, (narrow ? y_of(i) + 8 : bottom + 4) \
                nohead back linecolor rgb (t eq '1' ? ink : line_grey) linewidth (t eq '1' ? 1.4 : 0.8)
        }
        set label t.'×' at x, bottom + 16 center textcolor rgb faint font small
    }
}
set label '← less' at px(1) - 10, head - 16 right textcolor rgb faint font small
set label 'more →' at px(1) + 10, head - 16 left textcolor rgb faint font small
do for [i=1:n_panels] {
    y = y_of(i)
    if (narrow) {
        set label said[i].', '.figure[i] at 14, y - 18 left textcolor rgb ink font small
        set label note[i] at 376, y - 18 right textcolor rgb faint font small
    } else {
        again = i > 1 && label[i] eq label[i > 1 ? i - 1 : 1]
        set label again ? means[i] : said[i] at 20, y left textcolor rgb (again ? faint : ink) font small
        set label figure[i] at left - 15, y right textcolor rgb faint font small
        set label note[i] at right + 15, y left textcolor rgb ink font small
    }
    if (ratio[i] == ratio[i]) {
        set arrow from px(low[i]), y to px(high[i]), y nohead front linecolor rgb hue(place[i]) linewidth 2.5
    }
}
plot for [i=1:n_panels] '+' using ($0 == 0 && ratio[i] == ratio[i] ? px(ratio[i]) : NaN):(y_of(i)) with points \
    pointtype 7 pointsize 0.9 linecolor rgb hue(place[i])
