export interface NotificationModel {
  readonly id: string;
  readonly kind: 'ORDER' | 'OFFER' | 'ACCOUNT';
  readonly title: string;
  readonly body: string;
  readonly createdAt: string;
}

export interface UnreadNotifications {
  readonly unreadCount: number;
  readonly notifications: readonly NotificationModel[];
}

export interface ReadMark {
  readonly readIds: readonly string[];
  readonly unknownIds: readonly string[];
  readonly unreadCount: number;
}
