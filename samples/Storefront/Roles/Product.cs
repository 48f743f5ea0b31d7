namespace Storefront.Roles;

/// <summary>What the catalog knows of a product.</summary>
internal sealed record Product(int Id, string Name, decimal Price);
