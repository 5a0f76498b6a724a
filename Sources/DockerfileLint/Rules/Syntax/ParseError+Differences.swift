extension ParseError {
  /// Where hadolint stops reading a file that can be built, or reads one that cannot.
  static let differences: [HadolintDifference] = [
    // Here-documents.
    HadolintDifference(
      "A here-document ends at its last line; the next instruction may follow at once.",
      "FROM a:1\nRUN <<E\necho\nE\nUSER 1\n", ours: [], strict: [5]),
    HadolintDifference(
      "The same behind COPY.", "FROM a:1\nCOPY <<E /x\nhi\nE\nUSER 1\n", ours: [], strict: [5]),
    HadolintDifference(
      "Behind `<<-` the last line may be indented with tabs.", "FROM a:1\nRUN <<-E\n\techo\n\tE\n",
      ours: [], strict: [3]),
    HadolintDifference(
      "A RUN may have several here-documents.", "FROM a:1\nRUN <<A <<B\necho a\nA\necho b\nB\n",
      ours: [], strict: [5]),
    HadolintDifference(
      "They may stand anywhere in the command.",
      "FROM a:1\nRUN cat <<A >x && cat <<B >y\na\nA\nb\nB\n", ours: [], strict: [5]),
    HadolintDifference(
      "A here-document may have the number of a file descriptor.",
      "FROM a:1\nRUN 3<<E cat /dev/fd/3\nhi\nE\nUSER 1\n", ours: [], strict: [5]),
    HadolintDifference(
      "Its word may be followed by the program that reads it.",
      "FROM a:1\nRUN <<E bash\necho\nE\nUSER 1\n", ours: [], strict: [5]),
    HadolintDifference(
      "ADD takes here-documents as COPY does.", "FROM a:1\nADD <<E /x\nhi\nE\n", ours: [], strict: [3]),
    // Lines.
    HadolintDifference(
      "A line of blanks inside a continued instruction is skipped, as an empty one is.",
      "FROM a:1\nRUN a && \\\n   \n b\n", ours: [], strict: [4]),
    HadolintDifference(
      "The directive `check` may stand above `escape`.",
      "#syntax=x\n#check=skip=all\n# escape=`\nFROM a:1\nRUN a `\n && b\n", ours: [], strict: [6]),
    // Names of images.
    HadolintDifference(
      "`localhost` with a port is a registry.", "FROM localhost:5000/x:1\n", ours: [], strict: [1]),
    HadolintDifference(
      "A variable may stand for the registry before a port.", "ARG REG=r\nFROM $REG:5000/a:1\n", ours: [],
      strict: [2]),
    // Arguments of instructions.
    HadolintDifference(
      "SCTP is a protocol of EXPOSE beside TCP and UDP.", "FROM a:1\nEXPOSE 132/sctp\n", ours: [], strict: [2]
    ),
    HadolintDifference(
      "A port may stand in quotes.", "FROM a:1\nEXPOSE \"8080\"\n", ours: [], strict: [2]),
    HadolintDifference(
      "A variable in quotes may be a port.", "FROM a:1\nARG PORT=1\nEXPOSE \"$PORT\"\n", ours: [], strict: [3]
    ),
    HadolintDifference(
      "A port of the host is read, and is a finding of ExposeInvalidFormat.", "FROM a:1\nEXPOSE 8080:80\n",
      ours: [], strict: [2]),
    HadolintDifference(
      "A duration may have several units.", "FROM a:1\nHEALTHCHECK --interval=1m30s CMD [\"x\"]\n", ours: [],
      strict: [2]),
    HadolintDifference(
      "A duration may be less than a second.", "FROM a:1\nHEALTHCHECK --interval=500ms CMD [\"x\"]\n",
      ours: [],
      strict: [2]),
    HadolintDifference(
      "NONE may be written in any letter case.", "FROM a:1\nHEALTHCHECK none\n", ours: [], strict: [2]),
    HadolintDifference(
      "The options of a mount may hold variables.",
      "FROM a:1\nARG M=shared\nRUN --mount=type=cache,target=/x,sharing=${M} y\n", ours: [], strict: [3]),
    // Mistakes that are findings of other rules, so that the rest of the file is linted.
    HadolintDifference(
      "Swapped arguments are DF002, and the rest of the file is linted.",
      "FROM a:1\nEXPOSE . .\nCOPY 3000\n", ours: [], strict: [2]),
    HadolintDifference(
      "A misspelt instruction is DF001, and the rest of the file is linted.", "FROM a:1\nRNU echo\n",
      ours: [], strict: [2]),
    HadolintDifference(
      "A misspelt FROM is DF001, too.", "FORM a:1\n", ours: [], strict: [1]),
    // What cannot be built.
    HadolintDifference(
      "BuildKit takes `<<` with a blank behind it for a here-document, and nothing ends this one.",
      "FROM a:1\nRUN echo $((1 << 2))\nUSER 1\n", ours: [2], strict: []),
    HadolintDifference("An empty file cannot be built.", "", ours: [1], strict: []),
    HadolintDifference("A file of comments cannot be built.", "# c\n", ours: [2], strict: []),
    HadolintDifference("A file without FROM cannot be built.", "ARG A=1\n", ours: [1], strict: []),
    HadolintDifference(
      "The value of `--parents` is true or false.", "FROM a:1\nCOPY --parents=1 a /b\n", ours: [2], strict: []
    ),
    HadolintDifference(
      "SHELL takes a JSON array alone.", "FROM a:1\nSHELL sh -c\n", ours: [2], strict: []),
  ]
}
