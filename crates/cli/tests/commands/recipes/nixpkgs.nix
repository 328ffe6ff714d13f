# As much of nixpkgs as the recipe asks for: what it makes of a package is the package, as it was described.
{
  outputs = { self }: rec {
    lib = {
      genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
      importTOML = file: builtins.fromTOML (builtins.readFile file);
      cleanSource = source: source;
      licenses = { mit = "MIT"; asl20 = "Apache-2.0"; };
      platforms.linux = [ "x86_64-linux" "aarch64-linux" ];
    };
    legacyPackages = lib.genAttrs lib.platforms.linux (system: {
      callPackage = file: more: import file ({
        inherit lib;
        installShellFiles = "installShellFiles";
        rustPlatform.buildRustPackage = package: package // { inherit system; type = "derivation"; name = package.pname; };
      } // more);
    });
  };
}
