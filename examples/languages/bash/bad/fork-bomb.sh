# Starts processes without end, and none ends; when the kernel refuses one, Bash tries again for 15 s and gives up.
while true; do
  sleep 1000 &
done
