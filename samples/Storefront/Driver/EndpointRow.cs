namespace Storefront.Driver;

/// <summary>A row of the table: one instance, in its own counters.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Recent">Counts of the last seconds, percentiles likewise.</param>
/// <param name="Total">Counts since the first call.</param>
/// <param name="RecentShare">Its share of the requests that its service answered in the last seconds.</param>
/// <param name="TotalShare">The same since the first call.</param>
internal sealed record EndpointRow(
    ServiceProcess Instance, EndpointCounts Recent, EndpointCounts Total, double RecentShare, double TotalShare);
