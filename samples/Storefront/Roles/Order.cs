namespace Storefront.Roles;

/// <summary>An order as the buyer places it; the id is the buyer's, so that it can be found again in the ledgers.</summary>
internal sealed record Order(string Id, int ProductId);
