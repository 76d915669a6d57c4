<?php
// The shortest program.
echo "Hello from PHP\n";
