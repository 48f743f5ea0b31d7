using System.Globalization;
using System.Text.Json;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>Answers of a registry, always the same for the same numbers.</summary>
internal sealed class RegistryBody(int services, int instances)
{
    private const int MostInNetwork = 250;

    private static readonly string[] Zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

    public int Count => services * instances;

    /// <summary>The whole list, in the form of a current server.</summary>
    /// <param name="wordy">With all fields that real registrations have, about 2.3 kB an instance;
    /// else without those that no client reads.</param>
    /// <param name="generation">Another number is another version of every instance.</param>
    public byte[] Full(bool wordy, int generation = 0) =>
        Write(Enumerable.Range(0, services), Enumerable.Range(0, instances), wordy, _ => generation);

    /// <summary>The same, when one instance of each service has been registered anew.</summary>
    public byte[] FullWithAFewChanged(int generation) =>
        Write(Enumerable.Range(0, services), Enumerable.Range(0, instances), wordy: false, member => member == 0 ? generation : 0);

    /// <summary>One instance of each of the first services has been registered anew.</summary>
    public byte[] Delta(int changed, int generation) => Write(Enumerable.Range(0, changed), [generation % 7], wordy: true, _ => generation);

    /// <summary>Some instances of the first service have gone, and as many others have come.</summary>
    public byte[] Exchange(int[] gone, int[] come) => Write([0], [.. gone, .. come], wordy: true, static _ => 0, gone);

    private byte[] Write(IEnumerable<int> chosen, IEnumerable<int> members, bool wordy, Func<int, int> generation, int[]? gone = null)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("applications");
            json.WriteString("versions__delta", "1");
            json.WriteString("apps__hashcode", string.Create(CultureInfo.InvariantCulture, $"UP_{Count}_"));
            json.WriteStartArray("application");
            foreach (var service in chosen)
            {
                json.WriteStartObject();
                json.WriteString("name", App(service));
                json.WriteStartArray("instance");
                foreach (var member in members)
                {
                    WriteInstance(json, service, member, wordy, generation(member), gone?.Contains(member) == true);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static string App(int service) => string.Create(CultureInfo.InvariantCulture, $"SERVICE-{service:000}-API");

    private static void WriteInstance(Utf8JsonWriter json, int service, int member, bool wordy, int generation, bool gone)
    {
        var app = App(service);
        var name = app.ToLowerInvariant();
        var ip = string.Create(
            CultureInfo.InvariantCulture,
            $"10.{service / 250}.{(service % 250) + (member / MostInNetwork)}.{(member % MostInNetwork) + 1}");
        var host = $"ip-{ip.Replace('.', '-')}.eu-west-1.compute.internal";
        var started = 1_760_000_000_000 + (service * 100_000L) + member;
        json.WriteStartObject();
        json.WriteString("instanceId", $"{host}:{name}:8080");
        json.WriteString("hostName", host);
        json.WriteString("app", app);
        json.WriteString("ipAddr", ip);
        json.WriteString("status", "UP");
        json.WriteString("overriddenStatus", "UNKNOWN");
        WritePort(json, "port", 8080, "true");
        WritePort(json, "securePort", 443, "false");
        if (wordy)
        {
            json.WriteNumber("countryId", 1);
        }

        json.WriteStartObject("dataCenterInfo");
        json.WriteString("@class", "com.netflix.appinfo.AmazonInfo");
        json.WriteString("name", "Amazon");
        json.WriteStartObject("metadata");
        json.WriteString("availability-zone", Zones[member % 3]);
        if (wordy)
        {
            json.WriteString("instance-id", string.Create(CultureInfo.InvariantCulture, $"i-0{started:x}"));
            json.WriteString("instance-type", "m7g.xlarge");
            json.WriteString("ami-id", "ami-0a1b2c3d4e5f60718");
            json.WriteString("local-ipv4", ip);
            json.WriteString("local-hostname", host);
            json.WriteString("vpc-id", "vpc-0123456789abcdef0");
            json.WriteString("accountId", "123456789012");
            json.WriteString("mac", "0a:1b:2c:3d:4e:5f");
            json.WriteString("public-ipv4", "203.0.113.25");
            json.WriteString("public-hostname", "ec2-203-0-113-25.eu-west-1.compute.amazonaws.com");
            json.WriteString("ami-manifest-path", "(unknown)");
        }

        json.WriteEndObject();
        json.WriteEndObject();
        if (wordy)
        {
            json.WriteStartObject("leaseInfo");
            json.WriteNumber("renewalIntervalInSecs", 30);
            json.WriteNumber("durationInSecs", 90);
            json.WriteNumber("registrationTimestamp", started);
            json.WriteNumber("lastRenewalTimestamp", started + 30_000 + generation);
            json.WriteNumber("evictionTimestamp", 0);
            json.WriteNumber("serviceUpTimestamp", started);
            json.WriteEndObject();
        }

        json.WriteStartObject("metadata");
        json.WriteString("zone", Zones[member % 3]);
        json.WriteString("version", service % 2 == 0 ? "2.14.1" : "1.0.7");
        json.WriteString("management.port", "8081");
        if (wordy)
        {
            json.WriteString("management.context-path", "/internal/actuator");
            json.WriteString("configPath", "/etc/service/application.yaml");
            json.WriteString("team", string.Create(CultureInfo.InvariantCulture, $"team-{service % 12}"));
            json.WriteString("git.commit", string.Create(CultureInfo.InvariantCulture, $"{service:x6}0123456789abcdef0123456789abcdef01"));
            json.WriteString("buildTime", "2026-11-02T09:14:33Z");
            json.WriteString("weight", "100");
            json.WriteString("lane", "stable");
            json.WriteString("cluster", "eu-west-1-production-blue");
            json.WriteString("runtime", ".NET 10.0.1 on Debian GNU/Linux 12 (bookworm)");
            json.WriteString("documentation", $"https://developers.example.com/catalogue/services/{name}/reference/v2/");
        }

        json.WriteEndObject();
        if (wordy)
        {
            json.WriteString("homePageUrl", $"http://{host}:8080/");
            json.WriteString("statusPageUrl", $"http://{host}:8081/internal/actuator/info");
            json.WriteString("secureHealthCheckUrl", $"https://{host}:443/internal/actuator/health");
            json.WriteString("asgName", $"{name}-production-blue-v042");
            json.WriteString("sid", "na");
            json.WriteString("secureHomePageUrl", $"https://{host}:443/catalogue/services/{name}/index.html?layout=wide");
            json.WriteString("healthCheckUrl", $"http://{host}:8081/internal/actuator/health");
        }

        json.WriteString("vipAddress", name);
        json.WriteString("secureVipAddress", name);
        if (wordy)
        {
            json.WriteString("isCoordinatingDiscoveryServer", "false");
            json.WriteString("lastUpdatedTimestamp", (started + 20).ToString(CultureInfo.InvariantCulture));
        }

        json.WriteString("lastDirtyTimestamp", (started + generation).ToString(CultureInfo.InvariantCulture));
        json.WriteString("actionType", gone ? "DELETED" : "ADDED");
        json.WriteEndObject();
    }

    private static void WritePort(Utf8JsonWriter json, string name, int port, string enabled)
    {
        json.WriteStartObject(name);
        json.WriteNumber("$", port);
        json.WriteString("@enabled", enabled);
        json.WriteEndObject();
    }
}
