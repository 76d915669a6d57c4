-- Prints without end.
while true do
  print(("x"):rep(79))
end
