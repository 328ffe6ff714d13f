# What the Debian package holds, where Nix wants it: the program, its manual, completions, user units.
{ lib, rustPlatform, installShellFiles }:

let
  root = ../..;
  workspace = (lib.importTOML (root + "/Cargo.toml")).workspace.package;
in
rustPlatform.buildRustPackage {
  pname = "keyfob";
  inherit (workspace) version;

  src = lib.cleanSource root;
  cargoLock.lockFile = root + "/Cargo.lock";
  cargoBuildFlags = [ "--package" "keyfob" "--bin" "keyfob" ];

  # The tests start OpenSSH's programs, servers and terminals: tests/run is for those.
  doCheck = false;

  nativeBuildInputs = [ installShellFiles ];

  postInstall = ''
    installManPage packaging/man/*
    installShellCompletion --cmd keyfob \
      --bash packaging/completions/keyfob.bash \
      --zsh packaging/completions/_keyfob \
      --fish packaging/completions/keyfob.fish
    install -Dm644 -t $out/share/systemd/user packaging/systemd/*
    substituteInPlace $out/share/systemd/user/*.service --replace-fail /usr/bin/keyfob $out/bin/keyfob
  '';

  meta = {
    description = "One agent for all of a person's SSH keys: unlock once, use everywhere, see every use";
    homepage = workspace.repository;
    license = with lib.licenses; [ mit asl20 ];
    platforms = lib.platforms.linux;
    mainProgram = "keyfob";
  };
}
