# What a program is given and what it leaves: arguments, environment, folder, input, two outputs, exit status.
read -r line
(IFS='|'; printf '%s\n' "$*" "$GREETING" "$PWD" "$line")
echo "to stderr" >&2
sleep 0.3
echo end
exit 7
