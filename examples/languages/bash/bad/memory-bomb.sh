# Takes 16 MiB after 16 MiB and writes on all of it; Bash ends with an error where memory is refused.
printf -v block '%*s' $((16 << 20)) ''
count=0
while true; do
  blocks[count++]=$block
done
