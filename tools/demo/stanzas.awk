# SPDX-License-Identifier: GPL-2.0-only
# The stanzas of "apt-cache dumpavail" as lines for kvcctl load: name, tab,
# stanza, with what would end a field or a line escaped.
BEGIN {
	RS = ""
	FS = "\n"
}

$1 ~ /^Package: / {
	name = substr($1, 10)
	gsub(/\\/, "\\\\&")
	gsub(/\t/, "\\t")
	gsub(/\r/, "\\r")
	gsub(/\n/, "\\n")
	print name "\t" $0
}
