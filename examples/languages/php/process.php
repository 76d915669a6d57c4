<?php
// What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
echo implode("|", array_slice($argv, 1)), "\n", getenv("GREETING"), "\n", getcwd(), "\n", fgets(STDIN);
fwrite(STDERR, "to stderr\n");
usleep(300000);
echo "end\n";
exit(7);
