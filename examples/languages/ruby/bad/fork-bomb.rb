# Forks without end, and no child ends; when the kernel refuses one, Ruby tries again every second and never gives up.
loop { fork { sleep } }
