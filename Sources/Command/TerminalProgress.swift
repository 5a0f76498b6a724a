import Glibc

/// Progress on a terminal: finished steps stay as lines, the running ones below them are drawn anew in place.
///
/// A frame is one write that overwrites line by line, so that nothing flickers. The cursor is hidden within a frame only:
/// a build that is killed leaves a terminal that works.
struct TerminalProgress {
  /// The columns of each line that stands below the finished steps.
  private var drawn: [Int] = []
  /// Steps that have their last line.
  private var finished: Set<Int> = []

  /// How many lines of a running step's output are shown.
  private static let tail = 6

  /// Forgets what is drawn: it stays.
  mutating func forget() { drawn = [] }

  /// The bytes that take away what is drawn below the finished steps.
  mutating func erase() -> String {
    let text = start(Self.size().columns) + "\u{1B}[J"
    drawn = []
    return text
  }

  mutating func frame(_ steps: [ProgressStep], now: Double) -> String {
    let (columns, rows) = Self.size()
    var text = "\u{1B}[?2026h\u{1B}[?25l" + start(columns)
    for step in steps where step.ended != nil && finished.insert(step.number).inserted {
      text += Self.head(step, now, columns) + "\u{1B}[K\n"
    }
    let running = steps.filter { $0.ended == nil }.prefix(max(1, rows - 2))
    let room = running.isEmpty ? 0 : max(0, min(Self.tail, (rows - 2) / running.count - 1))
    drawn = []
    for step in running {
      var lines = [Self.head(step, now, columns)]
      lines += step.tail.suffix(room).map { Self.cut(" => => # " + $0, columns - 1) }
      for line in lines {
        text += line + "\u{1B}[K\n"
        drawn.append(Self.width(line))
      }
    }
    return text + "\u{1B}[J\u{1B}[?25h\u{1B}[?2026l"
  }

  /// Goes up to the first line that was drawn. A terminal that has become narrower has broken long lines.
  private func start(_ columns: Int) -> String {
    let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
    return rows == 0 ? "\r" : "\r\u{1B}[\(rows)A"
  }

  /// ` => [build 2/5] RUN make        1.3s`
  private static func head(_ step: ProgressStep, _ now: Double, _ columns: Int) -> String {
    let time = (step.error == nil ? "" : "ERROR ") + secondsText(step.seconds(at: now), digits: 1) + "s"
    let name = cut(" => " + (step.isCached ? "CACHED " : "") + step.name, max(8, columns - time.count - 2))
    return name + String(repeating: " ", count: max(1, columns - 1 - width(name) - time.count)) + time
  }

  /// The size of the terminal, in characters.
  private static func size() -> (columns: Int, rows: Int) {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (max(20, Int(size.ws_col)), max(4, Int(size.ws_row)))
  }

  /// As much of a text as has room; a tab takes one blank.
  private static func cut(_ text: String, _ columns: Int) -> String {
    var result = ""
    var used = 0
    for character in text {
      let next = character == "\t" ? " " : character
      let width = width(String(next))
      if used + width > columns { return String(result.dropLast(used == columns ? 1 : 0)) + "…" }
      result.append(next)
      used += width
    }
    return result
  }

  /// Columns that a text takes: two for East Asian and pictures, none for marks that combine.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x300...0x36F, 0x200B...0x200F, 0xFE00...0xFE0F: sum
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        sum + 2
      default: sum + 1
      }
    }
  }
}
