# Idle shells on the way in end after five minutes.
declare -xr TMOUT=300
