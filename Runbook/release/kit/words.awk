# Prints `hex` in words of the PGP word list, eight in a row. The input has a line for each byte: the word for an even
# place, and the word for an odd one.
{ even[NR - 1] = $1; odd[NR - 1] = $2 }
END {
  for (place = 0; place < length(hex) / 2; place++) {
    byte = (index("0123456789abcdef", substr(hex, 2 * place + 1, 1)) - 1) * 16
    byte += index("0123456789abcdef", substr(hex, 2 * place + 2, 1)) - 1
    printf "%s%s", place % 2 ? odd[byte] : even[byte], place % 8 == 7 ? "\n" : " "
  }
}
