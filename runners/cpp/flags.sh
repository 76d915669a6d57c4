# shellcheck shell=sh disable=SC2034
# The flags of every compilation. A precompiled header is taken only with the flags that it was made with.
flags='-std=gnu++20 -O2 -pthread'
