namespace Storefront.Roles;

/// <summary>The names of the roles, which are also the names of the services.</summary>
internal static class Role
{
    public const string Registry = "registry";

    public const string Catalog = "catalog";

    public const string Orders = "orders";

    public const string Storefront = "storefront";
}
