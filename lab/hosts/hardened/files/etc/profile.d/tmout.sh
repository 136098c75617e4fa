# Idle shells end after ten minutes.
TMOUT=600
readonly TMOUT
export TMOUT
