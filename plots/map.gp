# Two sizes of a pool as a grid of fields: the stronger the colour, the more answers a second, which
# stand in the field, and below them p99. Marks: 0 none, 1 the best (thick frame), 2 not told from
# it (thin frame), 3 not measured, 4 failed or too slow (no colour). Blocks:
#   1 hue and name of who serves; 2 titles of the axes; 3 and 4 values along each; 5 x, y, share of the most answers, answers, note, mark
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array names[2]
set table $unused
plot data index 2 using (names[1] = strcol(1), names[2] = strcol(2), 0) with table
unset table
stats data index 3 using 0 nooutput
n_x = int(STATS_records)
stats data index 4 using 0 nooutput
n_y = int(STATS_records)
array x_value[n_x]
array y_value[n_y]
n = n_x * n_y
array at_x[n]
array at_y2[n]
array share[n]
array answers[n]
array note[n]
array mark[n]
set table $unused
plot data index 3 using (x_value[int($0) + 1] = strcol(1), 0) with table
plot data index 4 using (y_value[int($0) + 1] = strcol(1), 0) with table
plot data index 5 using (k = int($0) + 1, at_x[k] = $1, at_y2[k] = $2, share[k] = $3, \
    answers[k] = strcol(4), note[k] = strcol(5), mark[k] = $6, 0) with table
unset table

# On a telephone the longer axis goes down.
is_turned = narrow && n_x > n_y
across = is_turned ? n_y : n_x
down = is_turned ? n_x : n_y
x_name = is_turned ? names[2] : names[1]
y_name = is_turned ? names[1] : names[2]
width = narrow ? 390 : 1000
left = narrow ? 56 : 90; right = narrow ? 14 : 20; head = about_end + 52
field_width = (width - left - right) / across
field_width = field_width > 190 ? 190 : field_width
field_height = narrow ? 46 : 58
height = head + down * field_height + 26
@open
@in_pixels
@title
set label x_name at left + 0.5 * across * field_width, head - 32 center textcolor rgb faint font small
set label y_name at (narrow ? 14 : 20), head - 12 left textcolor rgb faint font small
do for [i=1:across] {
    set label (is_turned ? y_value[i] : x_value[i]) at left + (i - 0.5) * field_width, head - 12 \
        center textcolor rgb ink font middling
}
do for [i=1:down] {
    set label (is_turned ? x_value[i] : y_value[i]) at left - 14, head + (i - 0.5) * field_height \
        right textcolor rgb ink font middling
}
roomy = field_width > 74
do for [k=1:n] {
    i = is_turned ? at_y2[k] : at_x[k]
    j = is_turned ? at_x[k] : at_y2[k]
    x0 = left + (i - 1) * field_width + 2; x1 = left + i * field_width - 2
    y0 = head + (j - 1) * field_height + 2; y1 = head + j * field_height - 2
    middle = 0.5 * (x0 + x1)
    if (mark[k] != 3) {
        set object 2 * k rectangle from x0, y0 to x1, y1 fillcolor rgb hue(place[1]) \
            fillstyle transparent solid (mark[k] == 4 ? 0.03 : 0.04 + 0.5 * share[k]) noborder
    }
    if (mark[k] == 1 || mark[k] == 2) {
        set object 2 * k + 1 rectangle from x0, y0 to x1, y1 fillstyle empty \
            border linecolor rgb ink linewidth (mark[k] == 1 ? 4 : 1)
    }
    if (mark[k] == 3) {
        set label 'not' . (roomy ? ' measured' : '') at middle, 0.5 * (y0 + y1) center textcolor rgb faint font tiny
    } else {
        set label answers[k] at middle, y0 + field_height * (note[k] eq '' ? 0.46 : 0.3) center \
            textcolor rgb (mark[k] == 4 ? faint : ink) font middling
        set label (roomy ? note[k] : note[k][1:4] eq 'p99 ' ? note[k][5:] : note[k]) \
            at middle, y0 + field_height * 0.66 center textcolor rgb (mark[k] == 4 ? faint : ink) font tiny
    }
}
plot NaN notitle
