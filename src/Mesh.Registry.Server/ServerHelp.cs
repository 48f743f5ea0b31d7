namespace Mesh.Registry.Server;

internal static class ServerHelp
{
    public const string Text = """
        mesh-registry: a service registry that speaks the Eureka protocol.

          mesh-registry [options]

          --port N                  the port; default 8761, 0 for a free one
          --bind ADDRESS            where to listen: localhost (default), an address, or any for all
          --peer URL                another registry of the same site, such as http://registry-2:8761/eureka/; may stand several times
          --lease TIME              lease of instances that ask for none; default 90s
          --eviction-interval TIME  how often expired leases are looked for; default 60s
          --delta-retention TIME    how long a change is told; default 180s
          --response-cache TIME     how old a listing may be; default 0s
          --no-self-preservation    expired instances always leave
          --max-instances N         most instances; default 10000
          --user NAME               ask for a user and a password; the password comes from MESH_REGISTRY_PASSWORD
          --fast                    for development: a crashed instance leaves 1s after its lease, and clients that ask for no lease get 5s.
                                    How long a lease is and how often the list is fetched is up to the clients: set those there
          --netflix                 nearly what a Netflix server does: doubled leases, listings up to 30s old,
                                    self-preservation from one instance on, no ordinals
          --help, --version

        TIME is a number with ms, s, m or h, such as 500ms or 90s.
        Everything else is set by environment variables such as Mesh__Registry__MaxBodyBytes=100000.
        """;
}
