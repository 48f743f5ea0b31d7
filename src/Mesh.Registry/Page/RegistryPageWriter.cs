using System.Globalization;
using Mesh.Registry.Instances;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;

namespace Mesh.Registry.Page;

/// <summary>Writes the whole page. It can be read without its script, which refreshes and filters it.</summary>
internal sealed class RegistryPageWriter(
    string address, DateTimeOffset startedAt, DateTimeOffset now, RegistrySettings settings, string nonce)
{
    private const int RefreshSeconds = 10;

    private readonly Html _html = new();

    public string Write(RegistryReport report, Replicator replicator, WarmUp warmUp, PageSelection selection)
    {
        var snapshot = report.Snapshot;
        _html.Raw($$"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Service registry</title><link rel="icon" href="data:,">
            <noscript><meta http-equiv="refresh" content="{{RefreshSeconds}}"></noscript>
            <style nonce="{{nonce}}">{{PageAssets.Style}}</style></head><body>
            <header><h1>Service registry</h1>
            """);
        _html.Raw("<p class=\"quiet\">Clients use ")
            .Element("code", address)
            .Raw(" as the service URL.</p><p id=\"stale\" role=\"status\"></p></header><main>");
        State(report, replicator, warmUp);
        _html.Raw("<div class=\"tools\" id=\"tools\" hidden><label>Filter <input id=\"filter\" type=\"search\" "
            + "placeholder=\"service, instance, status, zone, version, metadata\"></label> <span id=\"found\" "
            + "role=\"status\"></span></div>");
        new ServiceList(_html, now).Write(snapshot, selection);
        More(report, replicator);
        _html.Raw("</main>");
        Footer();
        return _html.Raw($"<script nonce=\"{nonce}\">{PageAssets.Script}</script></body></html>\n").ToString();
    }

    private void State(RegistryReport report, Replicator replicator, WarmUp warmUp)
    {
        var snapshot = report.Snapshot;
        var up = snapshot.Apps.Values.Sum(
            static instances => instances.Values.Count(static instance => instance.Status == InstanceStatus.Up));
        _html.Raw("<div id=\"state\"><ul class=\"tiles\">");
        Tile(snapshot.Apps.Count, snapshot.Apps.Count == 1 ? "service" : "services");
        Tile(snapshot.Count, snapshot.Count == 1 ? "instance" : "instances");
        Tile(up, "UP");
        Tile(snapshot.Count - up, "not UP, not called", snapshot.Count > up ? PageSelection.NotUpLink : null);
        Tile(report.Leases.Received, $"of {Words.Count(report.Leases.Promised, "heartbeat")} due in the last minute");
        _html.Raw("</ul>");
        foreach (var warning in PageWarnings.Of(report, replicator, warmUp, settings))
        {
            _html.Raw("<section class=\"warning\">").Element("h2", warning.Title).Element("p", warning.Fact)
                .Raw("<p><b>Effect:</b> ")
                    .Text(warning.Effect)
                    .Raw("</p><p><b>What to do:</b> ")
                    .Text(warning.Remedy)
                    .Raw("</p></section>");
        }

        if (snapshot.Count == 0)
        {
            _html.Element("p", WhyEmpty(report.Counters));
        }

        _html.Raw("</div>");
    }

    private void More(RegistryReport report, Replicator replicator)
    {
        _html.Raw("<div id=\"more\">");
        if (report.Events.Length > 0)
        {
            _html.Raw("<h2>Last changes</h2><div class=\"wide\"><table class=\"changes\"><tbody>");
            foreach (var (at, instance, what) in report.Events)
            {
                _html.Raw("<tr>")
                    .Element("td", $"{Words.Time(now - at)} ago", "quiet")
                    .Element("td", $"{instance.App} / {instance.Id}")
                    .Element("td", what)
                    .Raw("</tr>");
            }

            _html.Raw("</tbody></table></div>");
        }

        if (replicator.Peers.Length > 0)
        {
            _html.Raw("<h2>Peers</h2><table class=\"changes\"><tbody>");
            foreach (var peer in replicator.Peers)
            {
                _html.Raw("<tr>").Element("td", peer.Address.ToString()).Element("td", peer.IsReachable ? "answers" : "does not answer")
                    .Element("td", $"{Words.Count(peer.Pending, "instance")} to be sent").Raw("</tr>");
            }

            _html.Raw("</tbody></table>");
        }

        _html.Raw("</div>");
    }

    private void Footer()
    {
        var protection = settings.SelfPreservation
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Self-preservation works from {settings.SelfPreservationMinInstances} instances on, when fewer than "
                + $"{settings.RenewalThreshold:P0} of the due heartbeats come.")
            : "Self-preservation is switched off.";
        _html.Raw("<footer id=\"about\">").Text(
            $"Started {Words.Time(now - startedAt)} ago. Instances without a heartbeat within their lease "
            + $"({Words.Time(TimeSpan.FromSeconds(settings.DefaultLeaseSeconds))} unless they ask for another) "
            + $"are looked for every {Words.Time(settings.EvictionInterval)}. {protection} ")
            .Text(settings.Username is null ? "No password: every client that reaches this registry can add and remove "
                + "instances." : "A password is required.").Raw("</footer>");
    }

    private string WhyEmpty(RegistryCounters counters)
    {
        if (counters.Registered == 0)
        {
            return $"No instance is registered: none has registered since this registry started {Words.Time(now - startedAt)} ago. "
                + $"Check that the services run, that their service URL is {address}, and that they are set to register. "
                + "A refused registration is in the log of this registry as event 108, with the field that is wrong.";
        }

        return $"No instance is registered any more. Since this registry started {Words.Time(now - startedAt)} ago, {counters.Registered} "
            + "registered, "
            + $"{counters.Cancelled} deregistered, {counters.Evicted} removed because no heartbeat came within the lease "
            + $"(looked for every {Words.Time(settings.EvictionInterval)}).";
    }

    private void Tile(int number, string what, string? link = null)
    {
        _html.Raw("<li>").Element("b", number.ToString(CultureInfo.InvariantCulture));
        if (link is null)
        {
            _html.Text(what).Raw("</li>");
        }
        else
        {
            _html.Raw("<a href=\"").Raw(link).Raw("\">").Text(what).Raw("</a></li>");
        }
    }
}
