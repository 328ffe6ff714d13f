# keyfob for Nix, on Linux. From a checkout:
#   nix run  'git+file:.?dir=packaging/nix'
#   nix build 'git+file:.?dir=packaging/nix'
{
  description = "One agent for all of a person's SSH keys";

  inputs.nixpkgs.url = "nixpkgs";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = nixpkgs.lib.genAttrs systems;
    in {
      packages = each (system: rec {
        keyfob = nixpkgs.legacyPackages.${system}.callPackage ./package.nix { };
        default = keyfob;
      });
    };
}
