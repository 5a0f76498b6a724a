import Glibc

/// A program on a terminal of its own, at which somebody types.
package enum TerminalSession {
  /// Something to do once the program has shown something.
  package struct Step {
    let shown: String
    let action: String

    /// Types a text; `\u{3}` is Ctrl-C.
    package static func type(_ text: String, after shown: String) -> Step {
      Step(shown: shown, action: "type " + text)
    }

    /// Gives the terminal another size.
    package static func resize(rows: Int, columns: Int, after shown: String) -> Step {
      Step(shown: shown, action: "resize \(rows) \(columns)")
    }

    /// Sends the program a signal.
    package static func signal(_ number: Int32, after shown: String) -> Step {
      Step(shown: shown, action: "signal \(number)")
    }
  }

  package struct Result {
    /// As ``ProcessResult/status``; 99 when the program did not come to its end.
    package let status: Int32
    /// All that was shown.
    package let shown: String
    /// Whether the terminal works as it did before.
    package let isRestored: Bool
  }

  private static let program = """
    import fcntl, os, select, signal, struct, sys, termios, time
    count = int(sys.argv[1])
    steps = list(zip(sys.argv[2:2 + 2 * count:2], sys.argv[3:3 + 2 * count:2]))
    command = sys.argv[2 + 2 * count:]
    def resize(rows, columns):
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    master, slave = os.openpty()
    resize(30, 100)
    before = termios.tcgetattr(slave)
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for number in (0, 1, 2): os.dup2(slave, number)
        os.closerange(3, 64)
        os.execvp(command[0], command)
    shown, seen, end, status = b'', 0, time.monotonic() + 120, None
    def read(wait):
        global shown
        if select.select([master], [], [], wait)[0]:
            data = os.read(master, 65536)
            shown += data
            return True
    while status is None:
        read(0.05)
        found = shown.find(steps[0][0].encode(), seen) if steps else -1
        if found >= 0:
            seen = found + len(steps[0][0].encode())
            verb, _, rest = steps.pop(0)[1].partition(' ')
            if verb == 'type': os.write(master, rest.encode())
            elif verb == 'resize': resize(*map(int, rest.split()))
            else: os.kill(child, int(rest))
        if time.monotonic() > end: os.kill(child, signal.SIGKILL)
        pid, result = os.waitpid(child, os.WNOHANG)
        if pid: status = result
    while read(0): pass
    restored = termios.tcgetattr(slave) == before
    os.write(1, shown)
    os.write(2, b'restored' if restored else b'changed')
    if time.monotonic() > end or steps: sys.exit(99)
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
    """

  /// Whether what this needs is installed.
  package static let isPossible = Processes.find("python3") != nil

  /// Runs a program to its end.
  package static func run(
    _ command: [String], environment: [String: String?] = [:], folder: String, _ steps: [Step]
  ) throws -> Result {
    let words = steps.flatMap { [$0.shown, $0.action] }
    let result = try Processes.run(
      "python3", ["-c", program, String(steps.count)] + words + command, environment: environment,
      folder: folder)
    // A line ends with both characters on a terminal, which Swift takes for one.
    let shown = String(String.UnicodeScalarView(result.outputText.unicodeScalars.filter { $0 != "\r" }))
    return Result(status: result.status, shown: shown, isRestored: result.errorText == "restored")
  }
}
