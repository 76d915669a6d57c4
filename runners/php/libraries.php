<?php
// A program that lists the extensions that are loaded: name, tab, version on each line.
$names = get_loaded_extensions();
natcasesort($names);
foreach ($names as $name) {
    echo $name, "\t", phpversion($name), "\n";
}
