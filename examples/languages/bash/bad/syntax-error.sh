# A syntax error: line 4 closes a bracket that was never opened.
total=29

echo "total: $total" )
