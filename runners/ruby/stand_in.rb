# The script that a parked interpreter is started with; script_slot.rb puts the program in its place.
