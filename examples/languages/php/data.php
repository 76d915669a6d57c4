<?php
// The parameters and the data of the request are there by name; save_result puts values into the record.
['station' => $station, 'readings' => $readings] = $input_data;
$scaled = array_map(fn(int $reading): int => $parameters['factor'] * $reading, $readings);
echo "$station: ", array_sum($scaled), "\n";

save_result('station', $station);
save_result('total', array_sum($scaled));
save_result('largest', max($scaled));
