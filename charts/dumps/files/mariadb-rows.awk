# Counts the rows of each table in what mariadb-dump writes: `"table":rows` for each, separated by commas. Bodies of
# triggers and routines stand between other delimiters, and may hold anything.
/^DELIMITER / { body = ($2 == ";;") }
body { next }
/^CREATE TABLE `/ { at(15) }
/^INSERT INTO `.*` VALUES$/ { at(14); rows = 1; next }
rows && /^\(/ { count[table]++; if (/;$/) rows = 0 }
END { for (i = 1; i <= tables; i++) printf "%s\"%s\":%d", (i > 1 ? "," : ""), json(names[i]), count[names[i]] }

# The name begins at a column and ends at a back quote that is not doubled.
function at(column,    rest, end) {
  rest = substr($0, column)
  table = ""
  while ((end = index(rest, "`")) > 0) {
    table = table substr(rest, 1, end - 1)
    if (substr(rest, end + 1, 1) != "`") break
    table = table "`"
    rest = substr(rest, end + 2)
  }
  if (!(table in count)) { count[table] = 0; names[++tables] = table }
}

# By hand: what backslashes mean in the replacement of a gsub differs from one awk to the next.
function json(text,    written, i, character) {
  for (i = 1; i <= length(text); i++) {
    character = substr(text, i, 1)
    if (character == "\\" || character == "\"") written = written "\\" character
    else if (character == "\t") written = written "\\t"
    else written = written character
  }
  return written
}
