/// HEALTHCHECK.
extension HadolintReader {
  private static let durations: [StaticString] = [
    "--interval=", "--timeout=", "--start-period=", "--start-interval=",
  ]

  mutating func healthcheck() -> Bool {
    let start = at
    if check() { return true }
    guard at == start else { return false }
    let before = stop
    if take("NONE") { return true }
    stop = max(stop, before)
    return false
  }

  /// Reads flags and a CMD.
  private mutating func check() -> Bool {
    let start = at
    var seen: [Int] = []
    var isBad = false
    if flags(&seen, &isBad) {
      let count = seen.count
      guard blank() else { return false }
      if isBad || Set(seen).count < count { return fail() }
    } else if at != start {
      return false
    }
    guard takeFolded("cmd"), blank() else { return false }
    return command()
  }

  private mutating func flags(_ seen: inout [Int], _ isBad: inout Bool) -> Bool {
    while true {
      guard flag(&seen, &isBad) else { return false }
      let isFollowed = attempt { $0.blank() && $0.stands("--") }
      if !isFollowed { return true }
    }
  }

  private mutating func flag(_ seen: inout [Int], _ isBad: inout Bool) -> Bool {
    for (index, name) in HadolintReader.durations.enumerated() where stands(name) {
      at += name.utf8CodeUnitCount
      seen.append(index)
      return duration()
    }
    if stands("--retries=") {
      at += 10
      seen.append(HadolintReader.durations.count)
      return digits()
    }
    isBad = true
    return unknownFlag()
  }

  /// Reads one number with one unit.
  private mutating func duration() -> Bool {
    guard attempt({ $0.fraction() }) || digits() else { return false }
    guard next == 0x73 || next == 0x6D || next == 0x68 else { return fail() }
    at += 1
    return true
  }

  /// Reads a number with a point or an exponent or both.
  private mutating func fraction() -> Bool {
    guard digits() else { return false }
    if next == 0x2E {
      at += 1
      guard digits() else { return false }
      _ = attempt { $0.exponent() }
      return true
    }
    return exponent()
  }

  private mutating func exponent() -> Bool {
    guard next == 0x65 || next == 0x45 else { return fail() }
    at += 1
    if next == 0x2B || next == 0x2D { at += 1 }
    return digits()
  }
}
