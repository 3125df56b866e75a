# A figure along an axis: a line for each contestant with its interval as a band (as thin
# strokes where a band would fill the picture, whose scale is that of the points), what
# models expect as thin grey lines, and bounds that nobody can pass, dashed. Blocks:
#   1 of each contestant: place, label, x and y of its last point
#   2 title of x and of y, 1 where x and y are logarithmic, their ranges, number of thin
#     lines; 3 x of each tick; 4 of each thin line 1 for a model, 2 for a bound, and text
#   then of each contestant x, y, low, high, failed share, and of each thin line x, y
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array values[n_panels]
col = 3
@fill
array end_x[n_panels]
do for [i=1:n_panels] { end_x[i] = values[i] }
col = 4
@fill
array end_y[n_panels]
do for [i=1:n_panels] { end_y[i] = values[i] }
array axes[9]
array names[2]
set table $unused
plot data index 2 using (names[1] = strcol(1), names[2] = strcol(2), 0) with table
do for [i=1:7] { plot data index 2 using (axes[i] = column(i + 2), 0) with table }
unset table
log_x = int(axes[1]); log_y = int(axes[2])
low_x = axes[3]; top_x = axes[4]; low_y = axes[5]; top_y = axes[6]
n_thin = int(axes[7])
array kind[n_thin + 1]
array formula[n_thin + 1]
set table $unused
plot data index 4 using (kind[int($0) + 1] = $1, formula[int($0) + 1] = strcol(2), 0) \
    with table
unset table

up(y) = log_y ? log(y / low_y) / log(top_y / low_y) : (y - low_y) / (top_y - low_y)
within(y) = y > top_y ? top_y : y > low_y ? y : low_y
array is_wide[n_panels]
do for [i=1:n_panels] {
    undefine STATS_*
    stats data index 4 + i using (up(within($4)) - up(within($3))) nooutput
    is_wide[i] = exists('STATS_max') && STATS_max > 0.3
}

gap = narrow ? 15 : 18
left = narrow ? 62 : 72; right = names_right
width = narrow ? 390 : 1000
head = about_end + 40; foot = 62 + 18 * n_thin + names_px
height = head + foot + (!names_below && n_panels * gap > 360 ? n_panels * gap : narrow ? 280 : 360)
bottom_y = foot; names_top = bottom_y - 52 - 18 * n_thin; top_px = height - head
@open
set multiplot
name_x = ''
name_y = names[2]
@panel_texts
set label 20 names[1] at screen 0.5 * (left + width - right) / width, \
    screen (bottom_y - 40.0) / height center textcolor rgb faint font small

# Thin lines are told apart by their dashes and named below the axis.
dash_of(i) = kind[i] == 2 ? 2 : (i == 1 ? 1 : i + 1)
legend_y(i) = bottom_y - 46.0 - 18 * i
do for [i=1:n_thin] {
    set label 80 + i formula[i] at screen 56.0 / width, screen legend_y(i) / height left \
        textcolor rgb ink font small
}

# Ticks where cells were measured, as far as their numbers have room.
if (log_x) { set logscale x 2 }
if (log_y) { set logscale y }
across(x) = log_x ? log(x / low_x) / log(top_x / low_x) : (x - low_x) / (top_x - low_x)
pixel_x(x) = left + (width - left - right) * across(x)
set xtics nomirror (1e-9) textcolor rgb ink
taken = -100.0
set table $unused
stats data index 3 using 1 nooutput
array ticks[int(STATS_records)]
plot data index 3 using (ticks[int($0) + 1] = $1, 0) with table
unset table
do for [i=1:|ticks|] {
    text = sprintf('%g', ticks[i])
    if (pixel_x(ticks[i]) - 5 * strlen(text) > taken) {
        set xtics add (text ticks[i])
        taken = pixel_x(ticks[i]) + 5 * strlen(text) + 6
    }
}
set format y '%g'
if (log_y) {
    unset ytics
    set ytics nomirror (1e-9) textcolor rgb ink
    decade = floor(log10(low_y))
    do for [k=0:12] {
        do for [step in '1 2 5'] {
            at = step * 10.0 ** (decade + k)
            if (at >= low_y && at <= top_y && (step == 1 || top_y / low_y < 5000)) {
                set ytics add (sprintf('%g', at) at)
            }
        }
    }
}
set xrange [low_x:top_x]
set yrange [low_y:top_y]
set lmargin at screen 1.0 * left / width
set rmargin at screen 1.0 * (width - right) / width
set bmargin at screen 1.0 * bottom_y / height
set tmargin at screen 1.0 * top_px / height

# Names beside the ends of lines. A contestant without a value is the lowest.
has(i) = end_y[i] == end_y[i]
do for [i=1:n_panels] {
    wanted_y[i] = has(i) ? bottom_y + (top_px - bottom_y) * up(end_y[i]) : bottom_y
}
@spread_names
do for [i=1:n_panels] {
    set label 50 + i end_name(i).(has(i) ? '' : names_below || !narrow ? ': none' : ' -') at screen names_x / width, \
        screen 1.0 * at_y[i] / height left textcolor rgb ink font small \
        point pointtype 7 pointsize 0.7 linecolor rgb hue(place[i]) offset 0.6, -0.3
}
# Strokes stand side by side around their value.
aside(i) = 4.0 * (i - 0.5 * (n_panels + 1)) / (width - left - right)
beside(x, i) = log_x ? x * (top_x / low_x) ** aside(i) : x + (top_x - low_x) * aside(i)
plot for [i=1:n_panels] data index 4 + i using 1:(is_wide[i] ? NaN : $3):4 \
         with filledcurves fillcolor rgb hue(place[i]) fillstyle transparent solid 0.12 noborder, \
     for [i=1:n_panels] '' index 4 + i \
         using (beside($1, i)):(is_wide[i] ? within($3) : NaN):(0):(within($4) - within($3)) \
         with vectors nohead linewidth 1 linecolor rgb hue(place[i]), \
     for [i=1:n_panels] '' index 4 + i using 1:2 with linespoints linewidth 2 \
         pointtype 7 pointsize 0.5 linecolor rgb hue(place[i]), \
     for [i=1:n_thin] '' index 4 + n_panels + i using 1:2 with lines linewidth 1.2 \
         dashtype dash_of(i) linecolor rgb faint, \
     for [i=1:n_panels] '' index 4 + i using 1:($5 > 0 ? $2 : NaN) with points \
         pointtype 2 pointsize 1 linecolor rgb ink
if (n_thin > 0) { # an arrow has no dashes in SVG, a line has
    unset label; unset arrow; unset tics; unset border; unset grid; unset logscale
    set lmargin at screen 0; set rmargin at screen 1
    set bmargin at screen 0; set tmargin at screen 1
    set xrange [0:width]
    set yrange [0:height]
    set samples 2
    plot for [i=1:n_thin] '+' using ($0 == 0 ? 14 : 48):(legend_y(i)) with lines \
        linewidth 1.5 dashtype dash_of(i) linecolor rgb faint
}
unset multiplot
