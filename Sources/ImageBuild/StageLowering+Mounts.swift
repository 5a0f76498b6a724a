import DockerfileSyntax
import FileTree
import ImageStore

// The mounts of RUN.
extension StageLowering {
  /// The mounts with their variables replaced; what is wrong with them is reported.
  mutating func lower(_ specifications: [MountSpecification]) -> [RunMount] {
    var mounts: [RunMount] = []
    var agents = 0
    for specification in specifications {
      guard let mount = expanded(specification), let lowered = lower(mount, specification, agents: agents)
      else { continue }
      if mount.kind == .ssh { agents += 1 }
      mounts.append(lowered)
    }
    return mounts
  }

  private mutating func expanded(_ specification: MountSpecification) -> DockerfileSyntax.Mount? {
    do {
      return try specification.mount { (value: [UInt8]) throws(ExpansionError) -> [UInt8] in
        try scope.expand(value, escape: escape)
      }
    } catch let error as ExpansionError {
      report(.expansion(error), at: specification.range)
    } catch let error as MountError {
      report(.mount(error), at: specification.range)
    } catch {
      // The closure throws expansion errors, and the mount throws its own.
      return nil
    }
    return nil
  }

  private mutating func lower(
    _ mount: DockerfileSyntax.Mount, _ specification: MountSpecification, agents: Int
  ) -> RunMount? {
    let kind: RunMount.Kind
    var target = mount.target ?? []
    switch mount.kind {
    case .tmpfs:
      kind = .temporary(size: mount.size > 0 ? UInt64(mount.size) : nil, writable: !mount.isReadOnly)
    case .bind:
      guard let reference = reference(of: mount, standard: .context) else { return nil }
      kind = .bind(
        reference, source: BytePath(mount.source ?? []).clampedToRoot, writable: !mount.isReadOnly)
    case .cache:
      // BuildKit looks for the source in an empty tree, and never finds it.
      if mount.from == nil, mount.source != nil {
        report(.mount(.sourceWithoutFrom), at: specification.range)
        return nil
      }
      guard let cache = cache(mount) else { return nil }
      kind = .cache(cache)
    case .secret:
      let id = mount.source ?? mount.id ?? Array(BytePath(target).lastComponent)
      if target.isEmpty, mount.environment == nil {
        target = Array("/run/secrets/".utf8) + BytePath(id).lastComponent
      }
      kind = .secret(
        SecretMount(
          id: String(decoding: id, as: UTF8.self), isFile: !target.isEmpty, environment: mount.environment,
          isRequired: mount.isRequired, mode: mount.mode ?? 0o400, uid: mount.uid ?? 0, gid: mount.gid ?? 0))
      if let name = mount.environment, name.isEmpty || name.contains(0x3D) || name.contains(0) {
        return invalid("env", name, specification)
      }
      // Without a file there is no place.
      if target.isEmpty { return RunMount(kind: kind, target: []) }
    case .ssh:
      if mount.source != nil { return notAllowed("source", mount, specification) }
      if target.isEmpty { target = Array("/run/buildkit/ssh_agent.\(agents)".utf8) }
      let id = mount.id.map { String(decoding: $0, as: UTF8.self) } ?? ""
      kind = .agent(
        AgentMount(
          id: id.isEmpty ? "default" : id, isRequired: mount.isRequired, setsVariable: agents == 0,
          mode: mount.mode ?? AgentMount.usualMode, uid: mount.uid ?? 0, gid: mount.gid ?? 0))
    }
    let place = absolutePath(target).bytes
    // The target is the whole root, or is missing.
    if place == [0x2F] || target.isEmpty { return invalid("target", target, specification) }
    return RunMount(kind: kind, target: place)
  }

  private mutating func invalid(
    _ field: String, _ value: [UInt8], _ specification: MountSpecification
  ) -> RunMount? {
    report(
      .mount(.invalidValue(field: field, value: String(decoding: value, as: UTF8.self))),
      at: specification.range)
    return nil
  }

  private mutating func notAllowed(
    _ field: String, _ mount: DockerfileSyntax.Mount, _ specification: MountSpecification
  ) -> RunMount? {
    report(.mount(.fieldNotAllowed(field, type: mount.kind.rawValue)), at: specification.range)
    return nil
  }

  private func cache(_ mount: DockerfileSyntax.Mount) -> CacheMount? {
    var from: TreeReference?
    if mount.from != nil {
      // A name that means nothing was reported when the stages were looked up.
      guard let reference = reference(of: mount, standard: .context) else { return nil }
      from = reference
    }
    let target = mount.target ?? []
    var id = mount.id ?? []
    if id.isEmpty { id = BytePath(target).cleaned.bytes }
    let sharing: MountFolder.Sharing =
      switch mount.sharing {
      case .locked: .locked
      case .private: .private
      case .shared, nil: .shared
      }
    return CacheMount(
      id: id, sharing: sharing, from: from, source: BytePath(mount.source ?? []).clampedToRoot,
      mode: mount.mode, uid: mount.uid, gid: mount.gid, writable: !mount.isReadOnly)
  }

  private func reference(
    of mount: DockerfileSyntax.Mount, standard: TreeReference
  ) -> TreeReference? {
    guard let from = mount.from else { return standard }
    return references[String(decoding: from, as: UTF8.self)]
  }
}
