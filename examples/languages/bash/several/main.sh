# A program of several files: the other one holds a function that this one calls.
source "$(dirname "$0")/tools/twice.sh"

echo "twice 21 is $(twice 21)"
