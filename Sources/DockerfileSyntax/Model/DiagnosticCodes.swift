public import Diagnostics

extension DiagnosticCode {
  /// A keyword that names no instruction.
  public static let unknownInstruction = DiagnosticCode("DF001", "unknown-instruction")
  /// A flag that the instruction does not have.
  public static let unknownFlag = DiagnosticCode("DF004", "unknown-flag")
  /// Anything else that keeps the file from being built; the id is hadolint's.
  public static let parseError = DiagnosticCode("DL1000", "parse-error")
}
