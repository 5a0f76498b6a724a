import ArgumentParser
import Glibc
import ImageStore

/// `slipway verify`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read all of the local store, and check it against its digests.")

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open()
    do {
      let problems = try store.verify()
      for problem in problems {
        let place = problem.image.map { "image \($0): " } ?? ""
        writeAll(STDOUT_FILENO, Array((place + storeSentence(problem.error) + "\n").utf8))
      }
      if !problems.isEmpty { throw ExitCode(Exit.failed) }
    } catch let error as StoreError {
      throw Failure(storeSentence(error), status: Exit.unable)
    }
  }
}
