# Who worked when: one panel per cell, one lane per worker, one bar per request. All lanes
# are equally high, so equal work is an equal area of full colour.
data = ARG1; picture = ARG2; out = ARG3
load 'style.gp'
array values[n_panels]
col = 3
@fill
array n_lanes[n_panels]
do for [i=1:n_panels] { n_lanes[i] = values[i] }
col = 4
@fill
array n_all[n_panels]
do for [i=1:n_panels] { n_all[i] = values[i] }
col = 5
@fill
array n_processes[n_panels]
do for [i=1:n_panels] { n_processes[i] = values[i] }
col = 6
@fill
end_t = 1.0
array last_t[n_panels]
do for [i=1:n_panels] {
    last_t[i] = values[i]
    end_t = values[i] > end_t ? values[i] : end_t
}

computing = 0x4A4A4A
turn = 0xEFE3CB
sleeping = 0xA9BCD3

total = 0
do for [i=1:n_panels] { total = total + (n_lanes[i] > 0 ? n_lanes[i] : 1) }
lane_height = total > 120 ? 10 : 15
head = 84; foot = 66; left = 150; right = 24; gap_y = 30
width = 1100
height = head + foot + total * lane_height + (n_panels - 1) * gap_y
@open
set multiplot
set label 1 about[1] at screen 0.012, screen 1 - 24.0 / height left textcolor rgb ink \
    font large
set label 2 about[2] at screen 0.012, screen 14.0 / height left textcolor rgb faint \
    font small
set label 3 'time since the users started, in units of what a job takes by itself (T)' at screen 0.5, screen 34.0 / height \
    center textcolor rgb ink

# The key: three samples with their names.
array kind[3]
kind[1] = 'computing (in its colour)'; kind[2] = 'waiting for its turn (CPU or GIL)'
kind[3] = 'sleeping or fetching'
array shade[3]
shade[1] = computing; shade[2] = turn; shade[3] = sleeping
array at[3]
at[1] = left; at[2] = left + 215; at[3] = left + 480
do for [k=1:3] {
    set object k rectangle from screen 1.0 * at[k] / width, screen 1 - 58.0 / height \
        to screen (at[k] + 22.0) / width, screen 1 - 46.0 / height \
        fillcolor rgb shade[k] fillstyle solid noborder
    set label 3 + k kind[k] at screen (at[k] + 30.0) / width, screen 1 - 52.0 / height \
        left textcolor rgb ink
}
set label 7 '― in the queue' at screen (left + 660.0) / width, screen 1 - 52.0 / height \
    left textcolor rgb faint

owner(process, low, high) = !alone ? sprintf('process %d', int(process)) : \
    int(process) == centre ? sprintf('%d processes', int(n_all[i])) : ''
set xrange [0:end_t * 1.02]
set border 1 linecolor rgb faint
unset ytics
unset grid
set grid xtics linecolor rgb line_grey linetype 1 linewidth 0.6
set style fill solid 1.0 noborder
y1 = height - head
do for [i=1:n_panels] {
    n_here = n_lanes[i] > 0 ? n_lanes[i] : 1
    set lmargin at screen 1.0 * left / width
    set rmargin at screen 1.0 * (width - right) / width
    set tmargin at screen 1.0 * y1 / height
    set bmargin at screen 1.0 * (y1 - n_here * lane_height) / height
    set yrange [n_here + 0.5:0.5]
    if (i == n_panels) { set format x '%g' } else { set format x '' }
    name = label[i]
    if (n_all[i] == 0) { name = name . ': the server did not say who worked' }
    if (n_all[i] > n_lanes[i]) {
        name = name . sprintf(': the first %d of %d lanes', int(n_lanes[i]), int(n_all[i]))
    }
    set label 10 name at graph 0, screen (y1 + 10.0) / height left \
        textcolor rgb hue(place[i]) font middling
    set label 11 sprintf('%.2f T', last_t[i]) at graph 1, screen (y1 + 10.0) / height \
        right textcolor rgb faint font small
    # Many processes of one lane each are named once, in the middle.
    alone = n_processes[i] == n_all[i] && n_all[i] > 3
    centre = int((n_here + 1) / 2)
    plot data index 2 * i using 3:1:($4 - $3):(0) with vectors nohead linewidth 0.8 \
             linecolor rgb faint, \
         '' index 2 * i using 4:1:4:5:($1 - 0.42):($1 + 0.42) with boxxyerror \
             linecolor rgb turn, \
         '' index 2 * i using 4:1:4:5:($1 + 0.42 - 0.84 * $6):($1 + 0.42) with boxxyerror \
             linecolor rgb hue(place[i]), \
         '' index 2 * i using 4:1:4:5:($1 - 0.42):($1 - 0.42 + 0.84 * $7) with boxxyerror \
             linecolor rgb sleeping, \
         '' index 2 * i using 4:1:(0):(0.42) with vectors nohead linewidth 1 \
             linecolor rgb paper, \
         '' index 2 * i + 1 using (0):(($2 + $3) / 2):(owner($1, $2, $3)) with labels \
             right offset -1,0 textcolor rgb faint font tiny, \
         '' index 2 * i + 1 using (0):(alone ? NaN : $3 + 0.5):(end_t * 1.02):(0) \
             with vectors nohead linewidth 0.6 linecolor rgb faint
    y1 = y1 - n_here * lane_height - gap_y
    unset label 1; unset label 2; unset label 3; unset label 4; unset label 5
    unset label 6; unset label 7; unset object
}
unset multiplot
