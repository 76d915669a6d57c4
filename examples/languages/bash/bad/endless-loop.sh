# Uses CPU time and never ends.
count=0
while true; do
  count=$((count + 1))
done
